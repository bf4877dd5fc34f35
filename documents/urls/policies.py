"""Drafting from a starter model, placeholders of a draft, and the checklist of commitments."""

from django.urls import path

from documents.views import policies, starter

HERE = "org/<slug:org>/<slug:project>/documents"
ONE = f"{HERE}/<str:number>/r<int:revision>"

urlpatterns = [
    path(f"{HERE}/models/", starter.index, name="starter-list"),
    path(f"{HERE}/models/<slug:slug>/", starter.detail, name="starter-detail"),
    path(f"{HERE}/<str:number>/models/", starter.for_document, name="document-starters"),
    path(f"{HERE}/<str:number>/models/<slug:slug>/", starter.begin, name="document-starter"),
    path(f"{ONE}/placeholders/", starter.placeholders, name="revision-placeholders"),
    path(f"{ONE}/commitments/", policies.checklist, name="revision-commitments"),
    path(f"{ONE}/commitments/<slug:slug>/", policies.tick, name="revision-commitment"),
    path(f"{ONE}/commitments/<slug:slug>/take-back/", policies.take_back, name="revision-commitment-end"),
]

"""The audit programme and its lines."""

from django.urls import path

from audits.views import programme

HERE = "org/<slug:org>/<slug:project>/audits"
PROGRAMMES = f"{HERE}/programmes"

urlpatterns = [
    path(f"{PROGRAMMES}/", programme.index, name="programme-list"),
    path(f"{PROGRAMMES}/new/", programme.create, name="programme-create"),
    path(f"{PROGRAMMES}/<str:number>/", programme.detail, name="programme-detail"),
    path(f"{PROGRAMMES}/<str:number>/edit/", programme.edit, name="programme-edit"),
    path(f"{PROGRAMMES}/<str:number>/move/<slug:move>/", programme.move, name="programme-move"),
    path(f"{PROGRAMMES}/<str:number>/lines/new/", programme.line_add, name="line-add"),
    path(f"{PROGRAMMES}/<str:number>/lines/<int:pk>/", programme.line_edit, name="line-edit"),
    path(f"{PROGRAMMES}/<str:number>/lines/<int:pk>/remove/", programme.line_remove, name="line-remove"),
]

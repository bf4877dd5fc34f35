"""Addresses of approvals."""

from __future__ import annotations

from django.urls import include, path

from .views import decision, delegation, inbox, proof, request, verify

app_name = "approvals"

of_project = [
    path("", request.approval_list, name="approval-list"),
    path("export/", request.export, name="approval-export"),
    path("new/<slug:kind>/<int:pk>/", request.ask, name="approval-ask"),
    path("hold/", proof.hold, name="signatures-hold"),
    path("<slug:number>/", decision.detail, name="approval-detail"),
    path("<slug:number>/decide/", decision.decide, name="approval-decide"),
    path("<slug:number>/withdraw/", request.withdraw, name="approval-withdraw"),
    path("<slug:number>/certificate/", proof.certificate, name="approval-certificate"),
    path("<slug:number>/document/", proof.document, name="approval-document"),
    path("<slug:number>/signatures/", proof.export, name="approval-signatures"),
]

urlpatterns = [
    path("decisions/", inbox.inbox, name="inbox"),
    path("decisions/delegations/", delegation.delegations, name="delegations"),
    path("decisions/delegations/<int:pk>/end/", delegation.end, name="delegation-end"),
    path("verify/", verify.verify, name="verify"),
    path("org/<slug:org>/<slug:project>/approvals/", include(of_project)),
]

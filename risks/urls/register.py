"""The register of risks and opportunities."""

from django.urls import path

from risks.views import register, risk

HERE = "org/<slug:org>/<slug:project>/risks"

urlpatterns = [
    path(f"{HERE}/", register.register, name="risk-list"),
    path(f"{HERE}/new/", risk.create, name="risk-create"),
    path(f"{HERE}/many/", register.bulk, name="risk-bulk"),
    path(f"{HERE}/rerate/", register.rerate, name="rerate"),
    path(f"{HERE}/<str:number>/", risk.detail, name="risk-detail"),
    path(f"{HERE}/<str:number>/edit/", risk.edit, name="risk-edit"),
    path(f"{HERE}/<str:number>/rate/", risk.rate, name="risk-rate"),
    path(f"{HERE}/<str:number>/reviewed/", risk.reviewed, name="risk-reviewed"),
    path(f"{HERE}/<str:number>/move/<slug:move>/", risk.move, name="risk-move"),
]

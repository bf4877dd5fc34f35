"""The inventory of assets, processes and activities."""

from django.urls import path

from risks.views import asset

HERE = "org/<slug:org>/<slug:project>/risks/assets"

urlpatterns = [
    path(f"{HERE}/", asset.inventory, name="asset-list"),
    path(f"{HERE}/new/", asset.create, name="asset-create"),
    path(f"{HERE}/<str:number>/", asset.detail, name="asset-detail"),
    path(f"{HERE}/<str:number>/edit/", asset.edit, name="asset-edit"),
    path(f"{HERE}/<str:number>/retire/", asset.retire, name="asset-retire"),
]

"""Addresses of the mandate and the scope."""

from django.urls import path

from .views import mandate, scope, tailoring

app_name = "context"

urlpatterns = [
    path("org/<slug:org>/<slug:project>/mandate/", mandate.detail, name="mandate"),
    path("org/<slug:org>/<slug:project>/mandate/edit/", mandate.edit, name="mandate-edit"),
    path("org/<slug:org>/<slug:project>/tailoring/record/", tailoring.detail, name="tailoring-record"),
    path("org/<slug:org>/<slug:project>/scope/", scope.detail, name="scope"),
    path("org/<slug:org>/<slug:project>/scope/statement/", scope.statement, name="scope-statement"),
    path("org/<slug:org>/<slug:project>/scope/statement/take/", scope.take, name="scope-take"),
    path("org/<slug:org>/<slug:project>/scope/items/", scope.items, name="scope-items"),
    path("org/<slug:org>/<slug:project>/scope/items/add/<slug:kind>/", scope.add, name="scope-item-add"),
    path("org/<slug:org>/<slug:project>/scope/items/<int:pk>/", scope.edit, name="scope-item"),
    path("org/<slug:org>/<slug:project>/scope/items/<int:pk>/move/", scope.move, name="scope-item-move"),
    path("org/<slug:org>/<slug:project>/scope/items/<int:pk>/remove/", scope.remove, name="scope-item-remove"),
]

"""Addresses of a consulting firm's kits, below /org/<org>/kits/."""

from django.urls import path

from projects.views import kit

urlpatterns = [
    path("", kit.KitList.as_view(), name="kit-list"),
    path("<int:pk>/", kit.KitPage.as_view(), name="kit-detail"),
    path("<int:pk>/edit/", kit.KitEdit.as_view(), name="kit-edit"),
]

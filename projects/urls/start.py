"""Addresses that stand above an organization: starting a project, accepting an invitation."""

from django.urls import path

from projects.views import invitation, start

urlpatterns = [
    path("start/", start.Start.as_view(), name="start"),
    path("invitations/open/", invitation.Accept.as_view(), name="invitation-open"),
    path("invitations/<str:token>/", invitation.Accept.as_view(), name="invitation"),
]

"""Addresses of an organization; none of their first words may be a project's short name (RESERVED_SLUGS)."""

from django.urls import path

from projects.views import organization, team

urlpatterns = [
    path("", organization.Home.as_view(), name="organization"),
    path("settings/", organization.Settings.as_view(), name="organization-settings"),
    path("people/", team.OrganizationPeople.as_view(), name="organization-people"),
    path("people/invite/", team.OrganizationInvite.as_view(), name="organization-people-invite"),
    path("people/give/", team.OrganizationGive.as_view(), name="organization-people-give"),
    path("people/held/<slug:kind>/<int:pk>/", team.OrganizationRole.as_view(), name="organization-people-role"),
    path("people/leave/<int:pk>/", organization.Leave.as_view(), name="organization-leave"),
    path("people/invitations/<int:pk>/resend/", team.OrganizationResend.as_view(), name="organization-people-resend"),
    path("people/invitations/<int:pk>/revoke/", team.OrganizationRevoke.as_view(), name="organization-people-revoke"),
]

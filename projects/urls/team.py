"""Addresses of a project's team and of the table of roles."""

from django.urls import path

from projects.views import taking, team

urlpatterns = [
    path("team/", team.ProjectPeople.as_view(), name="team"),
    path("team/invite/", team.ProjectInvite.as_view(), name="team-invite"),
    path("team/give/", team.ProjectGive.as_view(), name="team-give"),
    path("team/held/<slug:kind>/<int:pk>/", team.ProjectRole.as_view(), name="team-role"),
    path("team/invitations/<int:pk>/resend/", team.ProjectResend.as_view(), name="team-resend"),
    path("team/invitations/<int:pk>/revoke/", team.ProjectRevoke.as_view(), name="team-revoke"),
    path("tasks/<str:number>/take/", taking.take, name="task-take"),
    path("roles/", team.RoleTable.as_view(), name="role-table"),
]

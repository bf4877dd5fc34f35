"""The list of audits, and one audit with its plan, its team and its agenda."""

from django.urls import path

from audits.views import access, agenda, audit, team

HERE = "org/<slug:org>/<slug:project>/audits"
ONE = f"{HERE}/<str:number>"

urlpatterns = [
    path(f"{HERE}/", audit.index, name="audit-list"),
    path(f"{HERE}/export/", audit.export, name="audit-export"),
    path(f"{HERE}/coverage/", audit.coverage, name="coverage"),
    path(f"{HERE}/new/", audit.create, name="audit-create"),
    path(f"{ONE}/", audit.detail, name="audit-detail"),
    path(f"{ONE}/edit/", audit.edit, name="audit-edit"),
    path(f"{ONE}/move/<slug:move>/", audit.move, name="audit-move"),
    path(f"{ONE}/team/", team.show, name="audit-team"),
    path(f"{ONE}/team/add/", team.add_member, name="audit-member-add"),
    path(f"{ONE}/team/<int:pk>/", team.change_member, name="audit-member-change"),
    path(f"{ONE}/team/<int:pk>/remove/", team.remove_member, name="audit-member-remove"),
    path(f"{ONE}/team/<int:pk>/justify/", team.justify, name="audit-member-justify"),
    path(f"{ONE}/auditees/add/", team.add_auditee, name="auditee-add"),
    path(f"{ONE}/auditees/<int:pk>/remove/", team.remove_auditee, name="auditee-remove"),
    path(f"{ONE}/agenda/", agenda.show, name="audit-agenda"),
    path(f"{ONE}/agenda/calendar.ics", agenda.ics, name="audit-agenda-ics"),
    path(f"{ONE}/agenda/attendance/", agenda.attendance, name="audit-attendance"),
    path(f"{ONE}/agenda/new/", agenda.add, name="session-add"),
    path(f"{ONE}/agenda/<int:pk>/", agenda.edit, name="session-edit"),
    path(f"{ONE}/agenda/<int:pk>/remove/", agenda.remove, name="session-remove"),
    path(f"{ONE}/access/", access.show, name="audit-access"),
    path(f"{ONE}/access/invite/", access.invite, name="audit-access-invite"),
    path(f"{ONE}/access/<int:pk>/end/", access.end, name="audit-access-end"),
    path(f"{ONE}/evidence/", access.evidence, name="audit-evidence"),
]

"""The checklist of an audit, and what it sees of earlier findings."""

from django.urls import path

from audits.views import checklist, follow_up, prepare

HERE = "org/<slug:org>/<slug:project>/audits/<str:number>"

urlpatterns = [
    path(f"{HERE}/checklist/", checklist.walk, name="checklist"),
    path(f"{HERE}/checklist/since/", checklist.since, name="checklist-since"),
    path(f"{HERE}/checklist/prepare/", prepare.prepare, name="checklist-prepare"),
    path(f"{HERE}/checklist/generate/", prepare.generate, name="checklist-generate"),
    path(f"{HERE}/checklist/add/", prepare.add, name="checklist-add"),
    path(f"{HERE}/checklist/assign/", prepare.assign, name="checklist-assign"),
    path(f"{HERE}/checklist/question/<int:pk>/", prepare.question, name="checklist-question"),
    path(f"{HERE}/checklist/<int:pk>/", checklist.line, name="checklist-line"),
    path(f"{HERE}/checklist/<int:pk>/evidence/", checklist.evidence, name="checklist-evidence"),
    path(f"{HERE}/checklist/<int:pk>/change/", prepare.change, name="checklist-change"),
    path(f"{HERE}/earlier/", follow_up.earlier, name="earlier"),
    path(f"{HERE}/earlier/<str:finding>/", follow_up.note, name="earlier-note"),
]

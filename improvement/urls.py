"""Addresses of nonconformities, their corrective actions, and of proposals for improvement."""

from django.urls import path

from .views import grades, nonconformity, proposal, register, sheet_import, work

app_name = "improvement"
HERE = "org/<slug:org>/<slug:project>/nonconformities"
BETTER = "org/<slug:org>/<slug:project>/improvements"

urlpatterns = [
    path(f"{HERE}/", register.index, name="nonconformity-list"),
    path(f"{HERE}/bulk/", register.bulk, name="nonconformity-bulk"),
    path(f"{HERE}/report/", nonconformity.report, name="nonconformity-report"),
    path(f"{HERE}/statistics/", register.learned, name="statistics"),
    path(f"{HERE}/grades/", grades.grades, name="grades"),
    path(f"{HERE}/export/", register.export, name="export"),
    path(f"{HERE}/export/<int:pk>/file/", register.file, name="export-file"),
    path(f"{HERE}/import/", sheet_import.begin, name="import-begin"),
    path(f"{HERE}/import/<int:pk>/", sheet_import.mapping, name="import-mapping"),
    path(f"{HERE}/import/<int:pk>/check/", sheet_import.check, name="import-check"),
    path(f"{HERE}/import/<int:pk>/run/", sheet_import.run, name="import-run"),
    path(f"{HERE}/import/<int:pk>/drop/", sheet_import.drop, name="import-drop"),
    path(f"{HERE}/<str:number>/", nonconformity.detail, name="nonconformity-detail"),
    path(f"{HERE}/<str:number>/edit/", nonconformity.edit, name="nonconformity-edit"),
    path(f"{HERE}/<str:number>/move/<slug:move>/", nonconformity.move, name="nonconformity-move"),
    path(f"{HERE}/<str:number>/work/", work.save, name="nonconformity-work"),
    path(f"{HERE}/<str:number>/earlier/", work.link, name="nonconformity-earlier"),
    path(f"{HERE}/<str:number>/causes/", work.add_cause, name="nonconformity-cause-add"),
    path(f"{HERE}/<str:number>/causes/<int:pk>/", work.change_cause, name="nonconformity-cause"),
    path(f"{HERE}/<str:number>/actions/", work.add_action, name="nonconformity-action-add"),
    path(f"{HERE}/<str:number>/actions/<int:pk>/drop/", work.drop_action, name="nonconformity-action-drop"),
    path(f"{HERE}/<str:number>/verdict/", work.judge, name="nonconformity-judge"),
    path(f"{BETTER}/", proposal.index, name="proposal-list"),
    path(f"{BETTER}/propose/", proposal.propose, name="proposal-propose"),
    path(f"{BETTER}/export/", proposal.export, name="proposal-export"),
    path(f"{BETTER}/<str:number>/", proposal.detail, name="proposal-detail"),
    path(f"{BETTER}/<str:number>/edit/", proposal.edit, name="proposal-edit"),
    path(f"{BETTER}/<str:number>/assess/", proposal.assess, name="proposal-assess"),
    path(f"{BETTER}/<str:number>/tasks/", proposal.add_step, name="proposal-step-add"),
    path(f"{BETTER}/<str:number>/move/<slug:move>/", proposal.move, name="proposal-move"),
]

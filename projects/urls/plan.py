"""Addresses of a project's own pages: home, overview, plan, activities, settings, journal."""

from django.urls import path, register_converter

from projects.views import activity, changes, forecast, gate, journal, project, readiness, step


class PlanNumber:
    """The number of a step or an activity as people say it: "1.7", "1.7.3". Anything else is no address."""

    regex = r"[0-9A-Za-z][0-9A-Za-z.\-]{0,15}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(PlanNumber, "plan_number")

urlpatterns = [
    path("", project.home, name="project-home"),
    path("overview/", project.Overview.as_view(), name="project-overview"),
    path("settings/", project.Settings.as_view(), name="project-settings"),
    path("steps/", step.StepTree.as_view(), name="step-list"),
    path("steps/<plan_number:number>/", step.StepWorkspace.as_view(), name="step-detail"),
    path("steps/<plan_number:number>/gate/", gate.StepGate.as_view(), name="gate"),
    path("steps/<plan_number:number>/gate/close/", gate.StepGateClose.as_view(), name="gate-close"),
    path("steps/<plan_number:number>/gate/reopen/", gate.StepGateReopen.as_view(), name="gate-reopen"),
    path("steps/<plan_number:number>/let-through/", gate.LetThrough.as_view(), name="gate-let-through"),
    path("steps/<plan_number:number>/deliverable/", gate.DeliverableSay.as_view(), name="gate-deliverable"),
    path("gates/", gate.GateList.as_view(), name="gates"),
    path("gates/<int:phase>/", gate.PhaseGate.as_view(), name="phase-gate"),
    path("gates/<int:phase>/close/", gate.PhaseGateClose.as_view(), name="phase-gate-close"),
    path("gates/<int:phase>/reopen/", gate.PhaseGateReopen.as_view(), name="phase-gate-reopen"),
    path("steps/<plan_number:number>/add-activity/", activity.ActivityAdd.as_view(), name="activity-add"),
    path("activities/<plan_number:number>/", activity.ActivityPage.as_view(), name="activity-detail"),
    path("activities/<plan_number:number>/edit/", activity.ActivityEdit.as_view(), name="activity-edit"),
    path("activities/<plan_number:number>/move/<slug:move>/", activity.ActivityMove.as_view(), name="activity-move"),
    path("forecast/", forecast.ForecastPage.as_view(), name="forecast"),
    path("readiness/", readiness.ReadinessPage.as_view(), name="readiness"),
    path("changes/", changes.Changes.as_view(), name="changes"),
    path("journal/", journal.JournalList.as_view(), name="journal"),
    path("journal/verify/", journal.JournalVerify.as_view(), name="journal-verify"),
    path("journal/export.jsonl", journal.export_chain, name="journal-export"),
    path("journal/export.xlsx", journal.export_workbook, name="journal-workbook"),
]

"""Addresses of the schedule, below /org/<org>/<project>/."""

from django.urls import path

from projects.views import baseline, gantt, milestone, redate, schedule, workload

from .plan import PlanNumber  # noqa: F401 (registers the converter that stands below)

ACTIVITY = "activities/<plan_number:number>/"

urlpatterns = [
    path("schedule/", gantt.Schedule.as_view(), name="schedule"),
    path("schedule/update/", schedule.Update.as_view(), name="schedule-update"),
    path("schedule/calendar/", workload.Calendar.as_view(), name="schedule-calendar"),
    path("schedule/calendar/closures/", workload.ClosureAdd.as_view(), name="closure-add"),
    path("schedule/calendar/closures/<int:pk>/remove/", workload.ClosureRemove.as_view(), name="closure-remove"),
    path("schedule/calendar/absences/", workload.AbsenceAdd.as_view(), name="absence-add"),
    path("schedule/calendar/absences/<int:pk>/remove/", workload.AbsenceRemove.as_view(), name="absence-remove"),
    path("schedule/workload/", workload.Workload.as_view(), name="schedule-workload"),
    path("schedule/curve/", workload.Curve.as_view(), name="schedule-curve"),
    path("schedule/milestones/", milestone.MilestoneList.as_view(), name="milestone-list"),
    path("schedule/milestones/new/", milestone.MilestoneAdd.as_view(), name="milestone-add"),
    path("schedule/milestones/export.xlsx", milestone.export, name="milestone-export"),
    path("schedule/milestones/<int:pk>/", milestone.MilestoneEdit.as_view(), name="milestone-edit"),
    path("schedule/milestones/<int:pk>/remove/", milestone.MilestoneRemove.as_view(), name="milestone-remove"),
    path("schedule/milestones/<plan_number:number>/", milestone.MilestoneDetail.as_view(), name="milestone-detail"),
    path("schedule/baselines/", baseline.BaselineList.as_view(), name="baseline-list"),
    path("schedule/baselines/export.xlsx", baseline.export, name="baseline-export"),
    path("schedule/baselines/take/", baseline.BaselineTake.as_view(), name="baseline-take"),
    path("schedule/baselines/<int:number>/", baseline.BaselineDetail.as_view(), name="baseline-detail"),
    path("schedule/baselines/<int:number>/rename/", baseline.BaselineRename.as_view(), name="baseline-rename"),
    path("schedule/baselines/<int:number>/approve/", baseline.BaselineApprove.as_view(), name="baseline-approve"),
    path("schedule/baselines/<int:number>/remove/", baseline.BaselineRemove.as_view(), name="baseline-remove"),
    path("schedule/milestones/<plan_number:number>/move/", redate.MilestoneRedate.as_view(), name="milestone-redate"),
    path("steps/<plan_number:number>/schedule/move/", redate.StepRedate.as_view(), name="step-redate"),
    path(ACTIVITY + "schedule/", schedule.ActivitySchedule.as_view(), name="activity-schedule"),
    path(ACTIVITY + "schedule/dates/", schedule.ActivityDates.as_view(), name="activity-dates"),
    path(ACTIVITY + "schedule/move/", redate.ActivityRedate.as_view(), name="activity-redate"),
    path(ACTIVITY + "schedule/links/", schedule.ActivityLinkAdd.as_view(), name="activity-link"),
    path(
        ACTIVITY + "schedule/links/<plan_number:other>/remove/",
        schedule.ActivityLinkRemove.as_view(),
        name="activity-unlink",
    ),
]

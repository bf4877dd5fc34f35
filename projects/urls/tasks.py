"""Addresses of tasks, below /org/<org>/<project>/tasks/."""

from django.urls import path

from projects.views import board, calendar, checklist, comment, redate, task, task_list, task_schedule

urlpatterns = [
    path("", task_list.task_list, name="task-list"),
    path("board/", board.board, name="task-board"),
    path("calendar/", calendar.calendar, name="task-calendar"),
    path("export/", task_list.export, name="task-export"),
    path("bulk/", task_list.bulk, name="task-bulk"),
    path("new/", task.create, name="task-create"),
    path("paste/", task.paste, name="task-paste"),
    path("suggestions/", task.suggestions, name="task-suggestions"),
    path("<str:number>/", task.detail, name="task-detail"),
    path("<str:number>/edit/", task.edit, name="task-edit"),
    path("<str:number>/move/<slug:move>/", task.move, name="task-move"),
    path("<str:number>/hours/", task.hours, name="task-hours"),
    path("<str:number>/predecessors/", task.add_predecessor, name="task-predecessor-add"),
    path("<str:number>/predecessors/<str:other>/remove/", task.remove_predecessor, name="task-predecessor-remove"),
    path("<str:number>/schedule/", task_schedule.TaskSchedule.as_view(), name="task-schedule"),
    path("<str:number>/schedule/dates/", task_schedule.TaskDates.as_view(), name="task-dates"),
    path("<str:number>/schedule/move/", redate.TaskRedate.as_view(), name="task-redate"),
    path("<str:number>/comments/", comment.add, name="task-comment"),
    path("<str:number>/checklist/", checklist.add, name="task-item-add"),
    path("<str:number>/checklist/<int:pk>/", checklist.check, name="task-item-check"),
    path("<str:number>/checklist/<int:pk>/remove/", checklist.remove, name="task-item-remove"),
]

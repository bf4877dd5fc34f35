"""Addresses of tailoring, below /org/<org>/<project>/tailoring/."""

from django.urls import path

from projects.views import edition, kit, tailoring

urlpatterns = [
    path("", tailoring.Board.as_view(), name="tailoring"),
    path("decisions/", tailoring.Decisions.as_view(), name="tailoring-list"),
    path("decisions/export.xlsx", tailoring.export, name="tailoring-export"),
    path("undo/", tailoring.Undo.as_view(), name="tailoring-undo"),
    path("kit/", kit.SaveKit.as_view(), name="kit-save"),
    path("edition/", edition.MergeEdition.as_view(), name="edition-merge"),
    path("add-step/", tailoring.AddStep.as_view(), name="tailor-add-step"),
    path("steps/<plan_number:number>/", tailoring.OneStep.as_view(), name="tailor-step"),
    path("steps/<plan_number:number>/round/", tailoring.StartRound.as_view(), name="tailor-round"),
    path("steps/<plan_number:number>/<slug:what>/", tailoring.DecideStep.as_view(), name="tailor-step-do"),
    path("activities/<plan_number:number>/", tailoring.OneActivityTailored.as_view(), name="tailor-activity"),
    path("activities/<plan_number:number>/<slug:what>/", tailoring.DecideActivity.as_view(), name="tailor-activity-do"),
]

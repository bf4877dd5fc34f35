"""Numbers the milestones that are there, in the order in which they came into each plan. Backwards there is nothing to do."""

from __future__ import annotations

from django.db import migrations


def number(apps, schema_editor):
    PlanMilestone = apps.get_model("projects", "PlanMilestone")
    last: dict[int, int] = {}
    for row in PlanMilestone.objects.order_by("project_id", "pk").only("pk", "project_id"):
        last[row.project_id] = last.get(row.project_id, 0) + 1
        PlanMilestone.objects.filter(pk=row.pk).update(number=last[row.project_id])


class Migration(migrations.Migration):
    dependencies = [("projects", "0016_milestone_owner")]

    operations = [migrations.RunPython(number, migrations.RunPython.noop)]

"""No two milestones of a plan have the same number."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0017_milestone_numbers")]

    operations = [
        migrations.AddConstraint(
            "planmilestone", models.UniqueConstraint(fields=["project", "number"], name="milestone_number")
        )
    ]

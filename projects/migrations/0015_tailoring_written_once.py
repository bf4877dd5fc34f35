"""Decisions about the plan are written once, like the histories, which SQLite made anew in the migrations before."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_tailoring")]

    operations = [
        protect(
            "projects_tailoringdecision",
            "projects_kitversion",
            "projects_historicalproject",
            "projects_historicalplanstep",
            "projects_historicalplanactivity",
            "projects_historicaltask",
        ),
    ]

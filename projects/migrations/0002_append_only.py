"""The journal and the histories are written once: the database refuses to change or delete their rows."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        protect(
            "projects_journalentry",
            "projects_historicalproject",
            "projects_historicalplanstep",
            "projects_historicalplanactivity",
            "projects_historicaltask",
        )
    ]

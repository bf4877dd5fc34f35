"""SQLite made the tables of history anew for the fields of the schedule, and lost their triggers: protected again."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_activity_links_of_plans")]

    operations = [protect("projects_historicalplanactivity", "projects_historicaltask")]

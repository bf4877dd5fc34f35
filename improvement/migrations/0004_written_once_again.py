"""The history of nonconformities, rounds and scales is written once (T31); their tables were made anew on SQLite."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("improvement", "0003_grades_places_and_dates")]

    operations = [
        protect(
            "improvement_historicalnonconformity", "improvement_historicalround", "improvement_historicalgradescale"
        )
    ]

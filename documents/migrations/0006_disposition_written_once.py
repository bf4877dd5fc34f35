"""What was decided at the end of a retention time is written once (T31); the history again, after its new columns."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_retention"), ("projects", "0002_append_only")]

    operations = [protect("documents_disposition", "documents_historicaldocument")]

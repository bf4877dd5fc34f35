"""The history of proposals is written once (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("improvement", "0005_proposals_and_imports")]

    operations = [protect("improvement_historicalproposal")]

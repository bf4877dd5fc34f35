"""Approved editions and the history of the criteria are written once (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("risks", "0001_criteria"), ("projects", "0002_append_only")]

    operations = [protect("risks_edition", "risks_historicalriskcriteria")]

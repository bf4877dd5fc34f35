"""The history of the mandate is written once (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("context", "0001_mandate"), ("projects", "0002_append_only")]

    operations = [protect("context_historicalmandate")]

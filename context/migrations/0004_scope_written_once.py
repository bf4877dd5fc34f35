"""The history of the scope and its items is written once (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("context", "0003_scope"), ("projects", "0002_append_only")]

    operations = [protect("context_historicalscopestatement", "context_historicalscopeitem")]

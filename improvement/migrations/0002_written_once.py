"""The history of nonconformities and of their rounds is written once (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("improvement", "0001_nonconformities"), ("projects", "0002_append_only")]

    operations = [protect("improvement_historicalnonconformity", "improvement_historicalround")]

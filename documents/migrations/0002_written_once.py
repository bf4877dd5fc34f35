"""What people confirmed, and the histories, are written once (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_documents"), ("projects", "0002_append_only")]

    operations = [
        protect("documents_acknowledgement", "documents_historicaldocument", "documents_historicalrevision"),
    ]

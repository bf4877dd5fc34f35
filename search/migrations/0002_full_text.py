"""The index over the entries: FTS5 with triggers on SQLite, a generated tsvector with GIN on PostgreSQL."""

from django.db import migrations

from search import full_text


def forwards(apps, schema_editor):
    full_text.install(schema_editor.connection)


def backwards(apps, schema_editor):
    full_text.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]

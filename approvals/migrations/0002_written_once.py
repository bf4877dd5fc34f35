"""Frozen content and signatures are written once: the database refuses to change or delete them (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_approvals"), ("projects", "0002_append_only")]

    operations = [protect("approvals_content", "approvals_signature")]

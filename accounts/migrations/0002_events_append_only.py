"""What happened around signing in is written once: the database refuses to change or delete it (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [protect("accounts_authevent")]

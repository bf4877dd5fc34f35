"""Every approver names its tenant: filled by the migration before, promised by the database from here."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_whose_turn")]

    operations = [
        migrations.AlterField(
            "approver", "organization",
            models.ForeignKey(
                "accounts.Organization", on_delete=django.db.models.deletion.PROTECT, related_name="+",
                editable=False, db_index=False,
            ),
        ),
        migrations.AlterField(
            "approver", "project",
            models.ForeignKey(
                "projects.Project", on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss",
                editable=False,
            ),
        ),
    ]  # fmt: skip

"""When an edition ceased to be in force: tells a replaced one from one whose day has not come yet."""

from django.db import migrations, models
from django.db.models import F


def replaced(apps, schema_editor):
    """Until now every approved edition was in force at once, so those that are not were replaced."""
    approvals = apps.get_model("approvals", "Approval").objects
    approvals.filter(edition__isnull=False, is_in_force=False).update(force_ended_at=F("updated_at"))


class Migration(migrations.Migration):
    dependencies = [("approvals", "0005_certified_pdf")]

    operations = [
        migrations.AddField("approval", "force_ended_at", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(replaced, migrations.RunPython.noop),
    ]

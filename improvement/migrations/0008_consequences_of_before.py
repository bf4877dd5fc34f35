"""What earlier closings pointed at leads back to the nonconformity, too. Backwards: the rows go with their table."""

from django.db import migrations


def lead_back(apps, schema_editor):
    rows = []
    for pk, answers in apps.get_model("improvement", "Nonconformity").objects.values_list("pk", "consequences"):
        for key, wanted in ((answers or {}).get("links") or {}).items():
            rows += [(pk, key, one) for one in wanted]
    made = apps.get_model("improvement", "Consequence")
    made.objects.bulk_create(made(nonconformity_id=pk, key=key, record_id=one) for pk, key, one in rows)


class Migration(migrations.Migration):
    dependencies = [("improvement", "0007_consequences_lead_back")]

    operations = [migrations.RunPython(lead_back, migrations.RunPython.noop)]

"""All evidence so far is evidence of tasks. A migration of its own: PostgreSQL alters no table with changes pending."""

from django.db import migrations, models

TASK = "projects.task"


def name_targets(apps, schema_editor):
    apps.get_model("projects", "Evidence").objects.filter(target_kind__isnull=True).update(
        target_kind=TASK, target_id=models.F("task_id")
    )


def back_to_tasks(apps, schema_editor):
    """Refuses to lose what the old table has no place for: evidence of other records, and citations."""
    Evidence = apps.get_model("projects", "Evidence")
    homeless = Evidence.objects.exclude(target_kind=TASK, cited_kind="").count()
    if homeless:
        raise RuntimeError(
            f"{homeless} pieces of evidence are of other records than tasks, or cite a record: the table of task evidence "
            "has no place for them. Restore what was saved before the upgrade instead."
        )
    Evidence.objects.update(task_id=models.F("target_id"))


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_evidence_of_any_record")]

    operations = [migrations.RunPython(name_targets, back_to_tasks)]

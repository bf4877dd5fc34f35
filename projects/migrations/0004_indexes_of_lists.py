import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes that hold all a portfolio and a page of one's own work choose by, so that no row is read for it."""

    dependencies = [("projects", "0003_task_series_on")]

    operations = [
        migrations.RemoveIndex("task", "task_of_role"),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["project", "assignee_role", "due_on", "status", "priority", "id"],
                condition=models.Q(is_open=True, assignee__isnull=True),
                name="task_of_role",
            ),
        ),
        migrations.AlterField(
            "task",
            "assignee",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to=settings.AUTH_USER_MODEL,
                verbose_name="assigned to",
            ),
        ),
        migrations.AddIndex(
            "task",
            models.Index(fields=["assignee"], condition=models.Q(assignee__isnull=False), name="task_assigned"),
        ),
        migrations.RemoveIndex("task", "task_mine"),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["assignee", "due_on"],
                condition=models.Q(is_open=True, assignee__isnull=False),
                name="task_mine",
            ),
        ),
        migrations.AddIndex(
            "planactivity",
            models.Index(fields=["project", "ends_on", "starts_on", "effort_minutes"], name="plan_activity_curve"),
        ),
    ]

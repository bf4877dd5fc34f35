import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The consultant in charge, days sold and used, the plan in a nutshell, and how far a person has read a project.

    What the histories gain is nullable, so that their tables (which refuse changes) are not rebuilt.
    """

    dependencies = [
        ("accounts", "0002_events_append_only"),
        ("pdca", "0001_initial"),
        ("projects", "0004_indexes_of_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProjectSeen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveBigIntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RemoveIndex(
            model_name="journalentry",
            name="journal_project",
        ),
        migrations.AddField(
            model_name="historicalproject",
            name="consultant",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="consultant in charge",
            ),
        ),
        migrations.AddField(
            model_name="historicalproject",
            name="days_sold",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="consulting days sold"
            ),
        ),
        migrations.AddField(
            model_name="historicalproject",
            name="days_used",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="consulting days used"
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="consultant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="consultant in charge",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="days_sold",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="consulting days sold"
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="days_used",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="consulting days used"
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="outline",
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="project",
            name="plan_days",
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["project", "-seq", "actor"], name="journal_project_actor"),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("days_sold__isnull", True), ("days_sold__gte", 0), _connector="OR"),
                    models.Q(("days_used__isnull", True), ("days_used__gte", 0), _connector="OR"),
                ),
                name="project_days_not_negative",
            ),
        ),
        migrations.AddField(
            model_name="projectseen",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="projectseen",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="seen_by", to="projects.project"
            ),
        ),
        migrations.AddConstraint(
            model_name="projectseen",
            constraint=models.UniqueConstraint(fields=("person", "project"), name="project_seen_once"),
        ),
    ]

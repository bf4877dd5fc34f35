import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_organization_brand"),
        ("documents", "0004_commitments"),
        ("pdca", "0001_initial"),
        ("projects", "0009_evidence_target_required"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Disposition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("destroyed", "Destroyed"),
                            ("archived", "Handed over to an archive"),
                            ("extended", "Kept longer"),
                        ],
                        max_length=10,
                        verbose_name="decision",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("place", models.CharField(blank=True, max_length=300, verbose_name="where it is kept now")),
                ("keep_until", models.DateField(blank=True, null=True, verbose_name="keep until")),
                ("due_on", models.DateField(null=True)),
                ("proof", models.JSONField(default=list)),
                ("decided_name", models.CharField(max_length=120)),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-decided_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="document",
            name="dispose_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="document",
            name="disposed_as",
            field=models.CharField(blank=True, editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name="document",
            name="disposed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicaldocument",
            name="dispose_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicaldocument",
            name="disposed_as",
            field=models.CharField(blank=True, editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name="historicaldocument",
            name="disposed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("dispose_on__isnull", False), ("disposed_at__isnull", True)),
                fields=["project", "dispose_on"],
                name="document_disposal_due",
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="dispositions", to="documents.document"
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="project",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="projects.project",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("keep_until__isnull", False), ("outcome", "extended")),
                    models.Q(("keep_until__isnull", True), ("outcome__in", ["destroyed", "archived"])),
                    _connector="OR",
                ),
                name="disposition_extends_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "archived"), _negated=True),
                    models.Q(("place", ""), _negated=True),
                    _connector="OR",
                ),
                name="disposition_archive_named",
            ),
        ),
    ]

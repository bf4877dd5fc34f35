import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import projects.models.register


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0003_organization_brand"),
        ("pdca", "0001_initial"),
        ("projects", "0006_portfolio_of_projects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("role", models.CharField(max_length=120)),
                ("acknowledged_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-acknowledged_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(editable=False, verbose_name="number")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("policy", "Policy"),
                            ("procedure", "Procedure"),
                            ("process", "Process description"),
                            ("instruction", "Work instruction"),
                            ("form", "Form"),
                            ("plan", "Plan"),
                            ("manual", "Manual"),
                            ("record", "Record"),
                            ("external", "External document"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        help_text="Empty: the next one of the project's numbering.", max_length=40, verbose_name="code"
                    ),
                ),
                (
                    "classification",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("internal", "Internal"),
                            ("confidential", "Confidential"),
                            ("secret", "Strictly confidential"),
                        ],
                        default="internal",
                        max_length=12,
                        verbose_name="classification",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "Deutsch"), ("fr", "Français")],
                        default="en",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("tags", models.CharField(blank=True, max_length=300, verbose_name="tags")),
                (
                    "review_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="review every … months"),
                ),
                ("next_review_on", models.DateField(blank=True, null=True, verbose_name="next review")),
                (
                    "retention_years",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="keep for … years"),
                ),
                (
                    "disposal",
                    models.CharField(
                        choices=[
                            ("destroy", "Destroy"),
                            ("archive", "Hand over to an archive"),
                            ("review", "Decide when the time has come"),
                        ],
                        default="review",
                        help_text="What happens with it when that time is over.",
                        max_length=10,
                        verbose_name="afterwards",
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                ("withdrawn_because", models.CharField(blank=True, editable=False, max_length=500)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="documents.document",
                        verbose_name="belongs under",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ["code", "pk"],
            },
            bases=(projects.models.register.Numbered, models.Model),
        ),
        migrations.CreateModel(
            name="DocumentClause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "clause",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.clause"),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="served", to="documents.document"
                    ),
                ),
            ],
            options={
                "ordering": ["clause__standard__code", "clause__position"],
            },
        ),
        migrations.AddField(
            model_name="document",
            name="clauses",
            field=models.ManyToManyField(related_name="+", through="documents.DocumentClause", to="pdca.clause"),
        ),
        migrations.CreateModel(
            name="HistoricalDocument",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.PositiveIntegerField(editable=False, verbose_name="number")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("policy", "Policy"),
                            ("procedure", "Procedure"),
                            ("process", "Process description"),
                            ("instruction", "Work instruction"),
                            ("form", "Form"),
                            ("plan", "Plan"),
                            ("manual", "Manual"),
                            ("record", "Record"),
                            ("external", "External document"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        help_text="Empty: the next one of the project's numbering.", max_length=40, verbose_name="code"
                    ),
                ),
                (
                    "classification",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("internal", "Internal"),
                            ("confidential", "Confidential"),
                            ("secret", "Strictly confidential"),
                        ],
                        default="internal",
                        max_length=12,
                        verbose_name="classification",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "Deutsch"), ("fr", "Français")],
                        default="en",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("tags", models.CharField(blank=True, max_length=300, verbose_name="tags")),
                (
                    "review_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="review every … months"),
                ),
                ("next_review_on", models.DateField(blank=True, null=True, verbose_name="next review")),
                (
                    "retention_years",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="keep for … years"),
                ),
                (
                    "disposal",
                    models.CharField(
                        choices=[
                            ("destroy", "Destroy"),
                            ("archive", "Hand over to an archive"),
                            ("review", "Decide when the time has come"),
                        ],
                        default="review",
                        help_text="What happens with it when that time is over.",
                        max_length=10,
                        verbose_name="afterwards",
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                ("withdrawn_because", models.CharField(blank=True, editable=False, max_length=500)),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.TextField(blank=True, default="")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="documents.document",
                        verbose_name="belongs under",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical document",
                "verbose_name_plural": "historical documents",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRevision",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="revision")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("effective", "Effective"),
                            ("superseded", "Superseded"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("authored", "Written here"), ("file", "Uploaded file"), ("link", "Kept elsewhere")],
                        default="authored",
                        max_length=10,
                        verbose_name="content",
                    ),
                ),
                ("body", models.TextField(blank=True, max_length=400000, verbose_name="text")),
                ("link", models.URLField(blank=True, max_length=1000, verbose_name="where it is kept")),
                ("sha256", models.CharField(blank=True, editable=False, max_length=64)),
                ("file_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("file_type", models.CharField(blank=True, editable=False, max_length=100)),
                ("size_bytes", models.PositiveBigIntegerField(editable=False, null=True)),
                ("change_summary", models.CharField(blank=True, max_length=500, verbose_name="what changes")),
                (
                    "is_material",
                    models.BooleanField(
                        default=True,
                        help_text="Readers have to confirm it again. An editorial change asks nobody.",
                        verbose_name="material change",
                    ),
                ),
                (
                    "planned_on",
                    models.DateField(
                        blank=True,
                        help_text="Empty: as soon as it is approved.",
                        null=True,
                        verbose_name="takes effect on",
                    ),
                ),
                ("effective_on", models.DateField(editable=False, null=True)),
                ("returned_because", models.TextField(blank=True, editable=False)),
                ("approved_at", models.DateTimeField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.TextField(blank=True, default="")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical revision",
                "verbose_name_plural": "historical revisions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Numbering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pattern", models.CharField(default="{kind}-{n:3}", max_length=60, verbose_name="pattern")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="numbering",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("file_type", models.CharField(max_length=100)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pictures", to="documents.document"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="revision")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("effective", "Effective"),
                            ("superseded", "Superseded"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("authored", "Written here"), ("file", "Uploaded file"), ("link", "Kept elsewhere")],
                        default="authored",
                        max_length=10,
                        verbose_name="content",
                    ),
                ),
                ("body", models.TextField(blank=True, max_length=400000, verbose_name="text")),
                ("link", models.URLField(blank=True, max_length=1000, verbose_name="where it is kept")),
                ("sha256", models.CharField(blank=True, editable=False, max_length=64)),
                ("file_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("file_type", models.CharField(blank=True, editable=False, max_length=100)),
                ("size_bytes", models.PositiveBigIntegerField(editable=False, null=True)),
                ("change_summary", models.CharField(blank=True, max_length=500, verbose_name="what changes")),
                (
                    "is_material",
                    models.BooleanField(
                        default=True,
                        help_text="Readers have to confirm it again. An editorial change asks nobody.",
                        verbose_name="material change",
                    ),
                ),
                (
                    "planned_on",
                    models.DateField(
                        blank=True,
                        help_text="Empty: as soon as it is approved.",
                        null=True,
                        verbose_name="takes effect on",
                    ),
                ),
                ("effective_on", models.DateField(editable=False, null=True)),
                ("returned_because", models.TextField(blank=True, editable=False)),
                ("approved_at", models.DateTimeField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="documents.document"
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ["document", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_on", models.DateField()),
                (
                    "confirmed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.acknowledgement",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readings", to="documents.document"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="projects.project",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="documents.revision"
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="revision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acknowledgements", to="documents.revision"
            ),
        ),
        migrations.CreateModel(
            name="Distribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("everybody", "Everybody in the project"),
                            ("role", "Holders of a role"),
                            ("person", "A person"),
                        ],
                        max_length=10,
                        verbose_name="goes to",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("consultant", "Consultant"),
                            ("project_manager", "Project manager"),
                            ("top_management", "Top management"),
                            ("auditor", "Auditor"),
                            ("process_owner", "Process owner"),
                            ("risk_owner", "Risk owner"),
                            ("document_controller", "Document controller"),
                            ("hr", "HR"),
                            ("staff", "Staff"),
                            ("client_admin", "Client admin"),
                            ("certification_auditor", "Certification-body auditor"),
                        ],
                        max_length=30,
                        verbose_name="role",
                    ),
                ),
                (
                    "asks",
                    models.BooleanField(default=True, verbose_name="asks to confirm that it was read and understood"),
                ),
                ("within_days", models.PositiveSmallIntegerField(default=14, verbose_name="within … days")),
                ("given_at", models.DateTimeField(auto_now_add=True)),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="projects.project",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="distribution",
                        to="documents.document",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience", "everybody"), ("person__isnull", True), ("role", "")),
                            models.Q(
                                ("audience", "role"), ("person__isnull", True), models.Q(("role", ""), _negated=True)
                            ),
                            models.Q(("audience", "person"), ("person__isnull", False), ("role", "")),
                            _connector="OR",
                        ),
                        name="distribution_to_one_audience",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", True)),
                        fields=("document", "audience", "role"),
                        name="distribution_role_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False)),
                        fields=("document", "person"),
                        name="distribution_person_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("within_days__range", (1, 365))), name="distribution_within_days"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pdca.mergegroup",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pdca.mandatorydocument",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="documents.document"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("group__isnull", False)),
                        fields=("document", "group"),
                        name="answer_group_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("item__isnull", False)),
                        fields=("document", "item"),
                        name="answer_item_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("item__isnull", True)),
                            models.Q(("group__isnull", True), ("item__isnull", False)),
                            _connector="OR",
                        ),
                        name="answer_to_one_thing",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="documentclause",
            constraint=models.UniqueConstraint(fields=("document", "clause"), name="document_clause_once"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["project", "kind", "code"], name="document_list"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("next_review_on__isnull", False), ("withdrawn_at__isnull", True)),
                fields=["next_review_on"],
                name="document_review_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(fields=("project", "number"), name="document_number"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(fields=("project", "code"), name="document_code"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True), name="document_not_its_own_parent"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_months__isnull", True), ("review_months__range", (1, 120)), _connector="OR"
                ),
                name="document_review_months",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("retention_years__isnull", True), ("retention_years__range", (1, 100)), _connector="OR"
                ),
                name="document_retention_years",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(fields=["organization", "sha256"], name="picture_file"),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=models.Q(("status", "approved")), fields=["planned_on"], name="revision_takes_effect"
            ),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=models.Q(("sha256", ""), _negated=True),
                fields=["organization", "sha256"],
                name="revision_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(fields=("document", "number"), name="revision_number"),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["draft", "in_review", "approved"])),
                fields=("document",),
                name="revision_one_on_its_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "effective")), fields=("document",), name="revision_one_effective"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["effective", "superseded"]), _negated=True),
                    ("effective_on__isnull", False),
                    _connector="OR",
                ),
                name="revision_effective_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("link", ""), ("sha256", ""), ("source", "authored")),
                    models.Q(("link", ""), ("source", "file")),
                    models.Q(("sha256", ""), ("source", "link")),
                    _connector="OR",
                ),
                name="revision_one_content",
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(
                condition=models.Q(("confirmed__isnull", True)), fields=["person", "due_on"], name="reading_to_do"
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(fields=["project", "person"], name="reading_of_person"),
        ),
        migrations.AddConstraint(
            model_name="reading",
            constraint=models.UniqueConstraint(fields=("document", "person"), name="reading_once"),
        ),
        migrations.AddConstraint(
            model_name="acknowledgement",
            constraint=models.UniqueConstraint(fields=("revision", "person"), name="acknowledgement_once"),
        ),
    ]

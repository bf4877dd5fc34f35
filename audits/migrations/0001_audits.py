import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import projects.models.register


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0003_organization_brand"),
        ("context", "0004_scope_written_once"),
        ("documents", "0006_disposition_written_once"),
        ("improvement", "0002_written_once"),
        ("pdca", "0001_initial"),
        ("projects", "0009_evidence_target_required"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Audit",
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
                            ("internal", "Internal audit"),
                            ("supplier", "Supplier audit"),
                            ("stage_1", "Certification, stage 1"),
                            ("stage_2", "Certification, stage 2"),
                            ("surveillance", "Surveillance"),
                        ],
                        default="internal",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("on_site", "On site"), ("remote", "Remote"), ("mixed", "On site and remote")],
                        default="on_site",
                        max_length=8,
                        verbose_name="method",
                    ),
                ),
                ("objectives", models.TextField(blank=True, max_length=4000, verbose_name="objectives")),
                ("scope", models.TextField(blank=True, max_length=4000, verbose_name="scope")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="to")),
                ("report_due_on", models.DateField(blank=True, null=True, verbose_name="report until")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("planned", "Planned"),
                            ("in_progress", "In progress"),
                            ("reported", "Report being written"),
                            ("issued", "Report issued"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("reported_at", models.DateTimeField(editable=False, null=True)),
                ("issued_at", models.DateTimeField(editable=False, null=True)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("cancelled_because", models.CharField(blank=True, editable=False, max_length=500)),
                ("evidence_count", models.PositiveIntegerField(default=0, editable=False)),
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
                "verbose_name": "audit",
                "ordering": ["-number"],
            },
            bases=(projects.models.register.Numbered, models.Model),
        ),
        migrations.CreateModel(
            name="AuditClause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="clause_links", to="audits.audit"
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.clause"),
                ),
            ],
            options={
                "ordering": ["clause__standard__code", "clause__position"],
            },
        ),
        migrations.AddField(
            model_name="audit",
            name="clauses",
            field=models.ManyToManyField(related_name="+", through="audits.AuditClause", to="pdca.clause"),
        ),
        migrations.CreateModel(
            name="AuditDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="document_links", to="audits.audit"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.document"
                    ),
                ),
            ],
            options={
                "ordering": ["document__code"],
            },
        ),
        migrations.AddField(
            model_name="audit",
            name="documents",
            field=models.ManyToManyField(related_name="+", through="audits.AuditDocument", to="documents.document"),
        ),
        migrations.CreateModel(
            name="Auditee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("function", models.CharField(blank=True, max_length=120, verbose_name="function")),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="auditees",
                        to="audits.audit",
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
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="AuditItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="item_links", to="audits.audit"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="context.scopeitem",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="audit",
            name="items",
            field=models.ManyToManyField(related_name="+", through="audits.AuditItem", to="context.scopeitem"),
        ),
        migrations.CreateModel(
            name="AuditMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("lead", "Lead auditor"),
                            ("auditor", "Auditor"),
                            ("expert", "Technical expert"),
                            ("observer", "Observer"),
                        ],
                        default="auditor",
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("company", models.CharField(blank=True, max_length=120, verbose_name="from")),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="audits.audit",
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
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="AuditReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("summary", models.TextField(blank=True, max_length=20000, verbose_name="summary")),
                ("strengths", models.TextField(blank=True, max_length=20000, verbose_name="strengths")),
                (
                    "not_covered",
                    models.TextField(
                        blank=True, max_length=20000, verbose_name="what was not sampled, and what that means"
                    ),
                ),
                ("attendance", models.TextField(blank=True, max_length=20000, verbose_name="attendance")),
                ("distribution", models.TextField(blank=True, max_length=20000, verbose_name="distribution")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "audit",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="report",
                        to="audits.audit",
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
                "verbose_name": "audit report",
            },
        ),
        migrations.CreateModel(
            name="AuditStandard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "conclusion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not concluded yet"),
                            ("conforms", "Conforms and is effective"),
                            ("exceptions", "Conforms, with the exceptions found"),
                            ("does_not", "Does not conform"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("conclusion_text", models.TextField(blank=True, max_length=4000)),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="standard_links", to="audits.audit"
                    ),
                ),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.standard"
                    ),
                ),
            ],
            options={
                "ordering": ["standard__code"],
            },
        ),
        migrations.AddField(
            model_name="audit",
            name="standards",
            field=models.ManyToManyField(related_name="+", through="audits.AuditStandard", to="pdca.standard"),
        ),
        migrations.CreateModel(
            name="ChecklistLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("shared", "Shared"),
                            ("addition", "Addition of a discipline"),
                            ("own", "Own question"),
                        ],
                        default="own",
                        editable=False,
                        max_length=8,
                    ),
                ),
                ("hs", models.CharField(blank=True, editable=False, max_length=20)),
                ("ref", models.CharField(blank=True, max_length=40)),
                ("title", models.CharField(max_length=300, verbose_name="question")),
                ("prompts", models.JSONField(blank=True, default=list)),
                ("sampling", models.CharField(blank=True, max_length=1000, verbose_name="sample")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No result yet"),
                            ("conform", "Conform"),
                            ("nc_major", "Major nonconformity"),
                            ("nc_minor", "Minor nonconformity"),
                            ("observation", "Observation"),
                            ("ofi", "Opportunity for improvement"),
                            ("strength", "Strength"),
                            ("not_sampled", "Not sampled"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="result",
                    ),
                ),
                ("evidence", models.TextField(blank=True, max_length=10000, verbose_name="what was seen")),
                (
                    "not_sampled_because",
                    models.CharField(blank=True, max_length=1000, verbose_name="why it was not sampled"),
                ),
                ("position", models.PositiveIntegerField(default=0, editable=False)),
                ("answered_at", models.DateTimeField(editable=False, null=True)),
                ("evidence_count", models.PositiveIntegerField(default=0, editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="audits.audit",
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
                "verbose_name": "line of the checklist",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ChecklistLineClause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "clause",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.clause"),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clause_links",
                        to="audits.checklistline",
                    ),
                ),
            ],
            options={
                "ordering": ["clause__standard__code", "clause__position"],
            },
        ),
        migrations.AddField(
            model_name="checklistline",
            name="clauses",
            field=models.ManyToManyField(related_name="+", through="audits.ChecklistLineClause", to="pdca.clause"),
        ),
        migrations.CreateModel(
            name="Covered",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="covered",
                        to="audits.audit",
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.clause"),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="context.scopeitem"
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
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(editable=False, verbose_name="number")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("nc_major", "Major nonconformity"),
                            ("nc_minor", "Minor nonconformity"),
                            ("observation", "Observation"),
                            ("ofi", "Opportunity for improvement"),
                            ("strength", "Strength"),
                        ],
                        max_length=12,
                        verbose_name="grade",
                    ),
                ),
                ("statement", models.CharField(max_length=1000, verbose_name="statement")),
                ("evidence", models.TextField(blank=True, max_length=10000, verbose_name="evidence")),
                ("criterion", models.CharField(blank=True, max_length=1000, verbose_name="criterion")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="where")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="response until")),
                ("response", models.TextField(blank=True, editable=False, max_length=10000, verbose_name="response")),
                ("responded_at", models.DateTimeField(editable=False, null=True)),
                ("accepted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("noted", "Noted"),
                            ("open", "Awaiting the response"),
                            ("answered", "Response to be judged"),
                            ("accepted", "Response accepted"),
                            ("closed", "Closed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="noted",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("evidence_count", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="audits.audit",
                    ),
                ),
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
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="context.scopeitem",
                        verbose_name="process or site",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="audits.checklistline",
                    ),
                ),
                (
                    "nonconformity",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="finding",
                        to="improvement.nonconformity",
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
                (
                    "responded_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "respondent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "finding",
                "ordering": ["-number"],
            },
            bases=(projects.models.register.Numbered, models.Model),
        ),
        migrations.CreateModel(
            name="FindingClause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "clause",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.clause"),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="clause_links", to="audits.finding"
                    ),
                ),
            ],
            options={
                "ordering": ["clause__standard__code", "clause__position"],
            },
        ),
        migrations.AddField(
            model_name="finding",
            name="clauses",
            field=models.ManyToManyField(related_name="+", through="audits.FindingClause", to="pdca.clause"),
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("effective", "Done and effective"),
                            ("not_effective", "Not effective"),
                            ("not_checked", "Not looked at"),
                        ],
                        max_length=14,
                        verbose_name="seen now",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="note")),
                ("noted_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="audits.audit",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="audits.finding",
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
            name="HistoricalAudit",
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
                            ("internal", "Internal audit"),
                            ("supplier", "Supplier audit"),
                            ("stage_1", "Certification, stage 1"),
                            ("stage_2", "Certification, stage 2"),
                            ("surveillance", "Surveillance"),
                        ],
                        default="internal",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("on_site", "On site"), ("remote", "Remote"), ("mixed", "On site and remote")],
                        default="on_site",
                        max_length=8,
                        verbose_name="method",
                    ),
                ),
                ("objectives", models.TextField(blank=True, max_length=4000, verbose_name="objectives")),
                ("scope", models.TextField(blank=True, max_length=4000, verbose_name="scope")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="to")),
                ("report_due_on", models.DateField(blank=True, null=True, verbose_name="report until")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("planned", "Planned"),
                            ("in_progress", "In progress"),
                            ("reported", "Report being written"),
                            ("issued", "Report issued"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("reported_at", models.DateTimeField(editable=False, null=True)),
                ("issued_at", models.DateTimeField(editable=False, null=True)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("cancelled_because", models.CharField(blank=True, editable=False, max_length=500)),
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
                "verbose_name": "historical audit",
                "verbose_name_plural": "historical audits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAuditMember",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("lead", "Lead auditor"),
                            ("auditor", "Auditor"),
                            ("expert", "Technical expert"),
                            ("observer", "Observer"),
                        ],
                        default="auditor",
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("company", models.CharField(blank=True, max_length=120, verbose_name="from")),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.TextField(blank=True, default="")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.audit",
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
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
                "verbose_name": "historical audit member",
                "verbose_name_plural": "historical audit members",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAuditReport",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("summary", models.TextField(blank=True, max_length=20000, verbose_name="summary")),
                ("strengths", models.TextField(blank=True, max_length=20000, verbose_name="strengths")),
                (
                    "not_covered",
                    models.TextField(
                        blank=True, max_length=20000, verbose_name="what was not sampled, and what that means"
                    ),
                ),
                ("attendance", models.TextField(blank=True, max_length=20000, verbose_name="attendance")),
                ("distribution", models.TextField(blank=True, max_length=20000, verbose_name="distribution")),
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
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.audit",
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
                "verbose_name": "historical audit report",
                "verbose_name_plural": "historical audit reports",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalFinding",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.PositiveIntegerField(editable=False, verbose_name="number")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("nc_major", "Major nonconformity"),
                            ("nc_minor", "Minor nonconformity"),
                            ("observation", "Observation"),
                            ("ofi", "Opportunity for improvement"),
                            ("strength", "Strength"),
                        ],
                        max_length=12,
                        verbose_name="grade",
                    ),
                ),
                ("statement", models.CharField(max_length=1000, verbose_name="statement")),
                ("evidence", models.TextField(blank=True, max_length=10000, verbose_name="evidence")),
                ("criterion", models.CharField(blank=True, max_length=1000, verbose_name="criterion")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="where")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="response until")),
                ("response", models.TextField(blank=True, editable=False, max_length=10000, verbose_name="response")),
                ("responded_at", models.DateTimeField(editable=False, null=True)),
                ("accepted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("noted", "Noted"),
                            ("open", "Awaiting the response"),
                            ("answered", "Response to be judged"),
                            ("accepted", "Response accepted"),
                            ("closed", "Closed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="noted",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.TextField(blank=True, default="")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "accepted_by",
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
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.audit",
                    ),
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
                    "item",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="context.scopeitem",
                        verbose_name="process or site",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.checklistline",
                    ),
                ),
                (
                    "nonconformity",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="improvement.nonconformity",
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
                (
                    "responded_by",
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
                    "respondent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical finding",
                "verbose_name_plural": "historical findings",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalFollowUp",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("effective", "Done and effective"),
                            ("not_effective", "Not effective"),
                            ("not_checked", "Not looked at"),
                        ],
                        max_length=14,
                        verbose_name="seen now",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="note")),
                ("noted_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.TextField(blank=True, default="")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.audit",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.finding",
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
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
                "verbose_name": "historical follow up",
                "verbose_name_plural": "historical follow ups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProgramme",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.PositiveIntegerField(editable=False, verbose_name="number")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="to")),
                ("objectives", models.TextField(blank=True, max_length=4000, verbose_name="objectives")),
                (
                    "risks",
                    models.TextField(
                        blank=True, max_length=4000, verbose_name="risks and opportunities of the programme"
                    ),
                ),
                ("resources", models.TextField(blank=True, max_length=4000, verbose_name="resources and methods")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("closed", "Closed")],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
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
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="managed by",
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
                "verbose_name": "historical audit programme",
                "verbose_name_plural": "historical audit programmes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSession",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opening", "Opening meeting"),
                            ("audit", "Audit"),
                            ("internal", "Meeting of the team"),
                            ("break", "Break"),
                            ("closing", "Closing meeting"),
                        ],
                        default="audit",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("day", models.DateField(verbose_name="day")),
                ("starts_at", models.TimeField(verbose_name="from")),
                ("ends_at", models.TimeField(verbose_name="to")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="about")),
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
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.audit",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="context.scopeitem",
                        verbose_name="process or site",
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
                "verbose_name": "historical session",
                "verbose_name_plural": "historical sessions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="IndependenceOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("who", models.CharField(max_length=120)),
                ("reasons", models.JSONField(default=dict)),
                ("justification", models.TextField(max_length=2000, verbose_name="justification")),
                ("decided_by_name", models.CharField(max_length=120)),
                ("decided_at", models.DateTimeField()),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="audits.audit",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="audits.auditmember",
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
            name="Programme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(editable=False, verbose_name="number")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="to")),
                ("objectives", models.TextField(blank=True, max_length=4000, verbose_name="objectives")),
                (
                    "risks",
                    models.TextField(
                        blank=True, max_length=4000, verbose_name="risks and opportunities of the programme"
                    ),
                ),
                ("resources", models.TextField(blank=True, max_length=4000, verbose_name="resources and methods")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("closed", "Closed")],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
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
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="managed by",
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
                "verbose_name": "audit programme",
                "verbose_name_plural": "audit programmes",
                "ordering": ["-starts_on", "-number"],
            },
            bases=(projects.models.register.Numbered, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProgrammeLine",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("subject", models.CharField(max_length=200, verbose_name="what is audited")),
                (
                    "every_months",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (3, "Every quarter"),
                            (6, "Twice a year"),
                            (12, "Every year"),
                            (24, "Every two years"),
                            (36, "Every three years"),
                        ],
                        default=12,
                        verbose_name="how often",
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=1000, verbose_name="why that often")),
                ("basis", models.JSONField(blank=True, default=dict, editable=False)),
                ("first_on", models.DateField(verbose_name="first audit by")),
                ("position", models.PositiveIntegerField(default=0, editable=False)),
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
                    "item",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="context.scopeitem",
                        verbose_name="process or site",
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
                (
                    "programme",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical line of the programme",
                "verbose_name_plural": "historical line of the programmes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ProgrammeLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=200, verbose_name="what is audited")),
                (
                    "every_months",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (3, "Every quarter"),
                            (6, "Twice a year"),
                            (12, "Every year"),
                            (24, "Every two years"),
                            (36, "Every three years"),
                        ],
                        default=12,
                        verbose_name="how often",
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=1000, verbose_name="why that often")),
                ("basis", models.JSONField(blank=True, default=dict, editable=False)),
                ("first_on", models.DateField(verbose_name="first audit by")),
                ("next_on", models.DateField(editable=False, null=True)),
                ("last_on", models.DateField(editable=False, null=True)),
                ("position", models.PositiveIntegerField(default=0, editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="context.scopeitem",
                        verbose_name="process or site",
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
                    "programme",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="audits.programme",
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
                "verbose_name": "line of the programme",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AuditProgrammeLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="programme_links", to="audits.audit"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_links",
                        to="audits.programmeline",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeLineClause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "clause",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.clause"),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clause_links",
                        to="audits.programmeline",
                    ),
                ),
            ],
            options={
                "ordering": ["clause__standard__code", "clause__position"],
            },
        ),
        migrations.AddField(
            model_name="programmeline",
            name="clauses",
            field=models.ManyToManyField(related_name="+", through="audits.ProgrammeLineClause", to="pdca.clause"),
        ),
        migrations.CreateModel(
            name="ProgrammeLineStandard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="standard_links",
                        to="audits.programmeline",
                    ),
                ),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.standard"
                    ),
                ),
            ],
            options={
                "ordering": ["standard__code"],
            },
        ),
        migrations.AddField(
            model_name="programmeline",
            name="standards",
            field=models.ManyToManyField(related_name="+", through="audits.ProgrammeLineStandard", to="pdca.standard"),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opening", "Opening meeting"),
                            ("audit", "Audit"),
                            ("internal", "Meeting of the team"),
                            ("break", "Break"),
                            ("closing", "Closing meeting"),
                        ],
                        default="audit",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("day", models.DateField(verbose_name="day")),
                ("starts_at", models.TimeField(verbose_name="from")),
                ("ends_at", models.TimeField(verbose_name="to")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="about")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="audits.audit",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="context.scopeitem",
                        verbose_name="process or site",
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
                "verbose_name": "session",
                "ordering": ["day", "starts_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalChecklistLine",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("shared", "Shared"),
                            ("addition", "Addition of a discipline"),
                            ("own", "Own question"),
                        ],
                        default="own",
                        editable=False,
                        max_length=8,
                    ),
                ),
                ("hs", models.CharField(blank=True, editable=False, max_length=20)),
                ("ref", models.CharField(blank=True, max_length=40)),
                ("title", models.CharField(max_length=300, verbose_name="question")),
                ("prompts", models.JSONField(blank=True, default=list)),
                ("sampling", models.CharField(blank=True, max_length=1000, verbose_name="sample")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No result yet"),
                            ("conform", "Conform"),
                            ("nc_major", "Major nonconformity"),
                            ("nc_minor", "Minor nonconformity"),
                            ("observation", "Observation"),
                            ("ofi", "Opportunity for improvement"),
                            ("strength", "Strength"),
                            ("not_sampled", "Not sampled"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="result",
                    ),
                ),
                ("evidence", models.TextField(blank=True, max_length=10000, verbose_name="what was seen")),
                (
                    "not_sampled_because",
                    models.CharField(blank=True, max_length=1000, verbose_name="why it was not sampled"),
                ),
                ("position", models.PositiveIntegerField(default=0, editable=False)),
                ("answered_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.TextField(blank=True, default="")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "answered_by",
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
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.audit",
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
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audits.session",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical line of the checklist",
                "verbose_name_plural": "historical line of the checklists",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name="checklistline",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="lines",
                to="audits.session",
                verbose_name="session",
            ),
        ),
        migrations.CreateModel(
            name="SessionAuditee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("has_attended", models.BooleanField(default=False)),
                (
                    "auditee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="session_links", to="audits.auditee"
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="auditee_links", to="audits.session"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="session",
            name="auditees",
            field=models.ManyToManyField(related_name="sessions", through="audits.SessionAuditee", to="audits.auditee"),
        ),
        migrations.CreateModel(
            name="SessionAuditor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="session_links",
                        to="audits.auditmember",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="auditor_links", to="audits.session"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="session",
            name="auditors",
            field=models.ManyToManyField(
                related_name="sessions", through="audits.SessionAuditor", to="audits.auditmember"
            ),
        ),
        migrations.CreateModel(
            name="SessionClause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "clause",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pdca.clause"),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="clause_links", to="audits.session"
                    ),
                ),
            ],
            options={
                "ordering": ["clause__standard__code", "clause__position"],
            },
        ),
        migrations.AddField(
            model_name="session",
            name="clauses",
            field=models.ManyToManyField(related_name="+", through="audits.SessionClause", to="pdca.clause"),
        ),
        migrations.CreateModel(
            name="AuditAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("ends_on", models.DateField(verbose_name="until")),
                ("granted_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                (
                    "audit",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to="audits.audit",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["person", "ends_on"], name="audit_access_mine")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("audit", "email"),
                        name="audit_access_once",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="auditclause",
            constraint=models.UniqueConstraint(fields=("audit", "clause"), name="audit_clause_once"),
        ),
        migrations.AddConstraint(
            model_name="auditdocument",
            constraint=models.UniqueConstraint(fields=("audit", "document"), name="audit_document_once"),
        ),
        migrations.AddConstraint(
            model_name="auditee",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="auditee_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditee",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False)), fields=("audit", "person"), name="auditee_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="audititem",
            constraint=models.UniqueConstraint(fields=("audit", "item"), name="audit_item_once"),
        ),
        migrations.AddIndex(
            model_name="auditmember",
            index=models.Index(fields=["person", "audit"], name="audit_member_mine"),
        ),
        migrations.AddConstraint(
            model_name="auditmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="audit_member_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["lead", "auditor", "expert", "observer"])),
                name="audit_member_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role", "lead")), fields=("audit",), name="audit_one_lead"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False)), fields=("audit", "person"), name="audit_member_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditstandard",
            constraint=models.UniqueConstraint(fields=("audit", "standard"), name="audit_standard_once"),
        ),
        migrations.AddConstraint(
            model_name="auditstandard",
            constraint=models.CheckConstraint(
                condition=models.Q(("conclusion__in", ["", "conforms", "exceptions", "does_not"])),
                name="audit_conclusion_known",
            ),
        ),
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["project", "is_open", "number"], name="audit_list"),
        ),
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["project", "starts_on"], name="audit_by_day"),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.UniqueConstraint(fields=("project", "number"), name="audit_number"),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="audit_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["internal", "supplier", "stage_1", "stage_2", "surveillance"])),
                name="audit_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["on_site", "remote", "mixed"])), name="audit_method_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "planned", "in_progress", "reported", "issued", "closed", "cancelled"])
                ),
                name="audit_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_open", False), ("status__in", ["closed", "cancelled"])),
                    models.Q(("is_open", True), models.Q(("status__in", ["closed", "cancelled"]), _negated=True)),
                    _connector="OR",
                ),
                name="audit_open_agrees",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_on__isnull", True),
                    ("ends_on__isnull", True),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="audit_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "cancelled"]),
                    models.Q(("ends_on__isnull", False), ("starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="audit_planned_has_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistlineclause",
            constraint=models.UniqueConstraint(fields=("line", "clause"), name="checklist_line_clause_once"),
        ),
        migrations.AddIndex(
            model_name="covered",
            index=models.Index(fields=["project", "item", "clause", "day"], name="covered_grid"),
        ),
        migrations.AddConstraint(
            model_name="findingclause",
            constraint=models.UniqueConstraint(fields=("finding", "clause"), name="finding_clause_once"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["project", "is_open", "number"], name="finding_list"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["audit", "grade"], name="finding_of_audit"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["respondent", "due_on"], name="finding_mine"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("project", "number"), name="finding_number"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("statement", ""), _negated=True), name="finding_has_a_statement"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade__in", ["nc_major", "nc_minor", "observation", "ofi", "strength"])),
                name="finding_grade_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["noted", "open", "answered", "accepted", "closed", "withdrawn"])),
                name="finding_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_open", False), ("status__in", ["closed", "withdrawn"])),
                    models.Q(("is_open", True), models.Q(("status__in", ["closed", "withdrawn"]), _negated=True)),
                    _connector="OR",
                ),
                name="finding_open_agrees",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("nonconformity__isnull", True), ("grade__in", ["nc_major", "nc_minor"]), _connector="OR"
                ),
                name="finding_raised_is_a_nonconformity",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["answered", "accepted"]), _negated=True),
                    models.Q(("response", ""), _negated=True),
                    ("grade", "strength"),
                    _connector="OR",
                ),
                name="finding_answer_is_said",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(fields=("audit", "finding"), name="follow_up_once"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["effective", "not_effective", "not_checked"])),
                name="follow_up_result_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="independenceoverride",
            constraint=models.CheckConstraint(
                condition=models.Q(("justification", ""), _negated=True), name="independence_override_is_justified"
            ),
        ),
        migrations.AddIndex(
            model_name="programme",
            index=models.Index(fields=["project", "is_open", "starts_on"], name="programme_list"),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.UniqueConstraint(fields=("project", "number"), name="programme_number"),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="programme_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gt", models.F("starts_on"))), name="programme_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "approved", "closed"])), name="programme_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_open", False), ("status", "closed")),
                    models.Q(("is_open", True), models.Q(("status", "closed"), _negated=True)),
                    _connector="OR",
                ),
                name="programme_open_agrees",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditprogrammeline",
            constraint=models.UniqueConstraint(fields=("audit", "line"), name="audit_programme_line_once"),
        ),
        migrations.AddConstraint(
            model_name="programmelineclause",
            constraint=models.UniqueConstraint(fields=("line", "clause"), name="programme_line_clause_once"),
        ),
        migrations.AddConstraint(
            model_name="programmelinestandard",
            constraint=models.UniqueConstraint(fields=("line", "standard"), name="programme_line_standard_once"),
        ),
        migrations.AddIndex(
            model_name="programmeline",
            index=models.Index(
                condition=models.Q(("next_on__isnull", False)), fields=["next_on"], name="programme_line_due"
            ),
        ),
        migrations.AddIndex(
            model_name="programmeline",
            index=models.Index(fields=["project", "item"], name="programme_line_item"),
        ),
        migrations.AddConstraint(
            model_name="programmeline",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject", ""), _negated=True), name="programme_line_has_a_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="programmeline",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_months__in", [3, 6, 12, 24, 36])), name="programme_line_frequency_known"
            ),
        ),
        migrations.AddIndex(
            model_name="checklistline",
            index=models.Index(fields=["audit", "position"], name="checklist_line_list"),
        ),
        migrations.AddIndex(
            model_name="checklistline",
            index=models.Index(fields=["audit", "result"], name="checklist_line_results"),
        ),
        migrations.AddConstraint(
            model_name="checklistline",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="checklist_line_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistline",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["shared", "addition", "own"])), name="checklist_line_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "result__in",
                        ["", "conform", "nc_major", "nc_minor", "observation", "ofi", "strength", "not_sampled"],
                    )
                ),
                name="checklist_line_result_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "not_sampled"), _negated=True),
                    models.Q(("not_sampled_because", ""), _negated=True),
                    _connector="OR",
                ),
                name="checklist_line_says_why_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("answered_by__isnull", True), ("result", "")),
                    models.Q(
                        models.Q(("result", ""), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="checklist_result_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            model_name="sessionauditee",
            constraint=models.UniqueConstraint(fields=("session", "auditee"), name="audit_session_auditee_once"),
        ),
        migrations.AddConstraint(
            model_name="sessionauditor",
            constraint=models.UniqueConstraint(fields=("session", "member"), name="audit_session_auditor_once"),
        ),
        migrations.AddConstraint(
            model_name="sessionclause",
            constraint=models.UniqueConstraint(fields=("session", "clause"), name="audit_session_clause_once"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["audit", "day", "starts_at"], name="audit_session_agenda"),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="audit_session_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["opening", "audit", "internal", "break", "closing"])),
                name="audit_session_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="audit_session_times"
            ),
        ),
    ]

"""Whose turn it is stands with the approver, in a row that names its tenant: one index for inbox, badge and reminders."""

import django.db.models.deletion
from django.db import migrations, models


def fill(apps, schema_editor) -> None:
    """Takes the tenant from the request; whose turn it is follows from the steps that are not decided."""
    Approver = apps.get_model("approvals", "Approver")
    for row in Approver.objects.select_related("step__approval").iterator():
        approval = row.step.approval
        Approver.objects.filter(pk=row.pk).update(organization=approval.organization_id, project=approval.project_id)
    Step = apps.get_model("approvals", "Step")
    turns_over = set()
    for step in (
        Step.objects.filter(approval__status="open").select_related("approval").order_by("approval", "position")
    ):
        signed = list(
            Approver.objects.filter(step=step, signature__isnull=False).values_list("signature__decision", flat=True)
        )
        if sum(one != "rejected" for one in signed) >= step.needed or step.approval_id in turns_over:
            continue
        Approver.objects.filter(step=step, signature__isnull=True).update(awaited_since=step.approval.created_at)
        if step.approval.is_in_sequence:
            turns_over.add(step.approval_id)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_organization_brand"),
        ("approvals", "0002_written_once"),
        ("projects", "0006_portfolio_of_projects"),
    ]

    operations = [
        migrations.AddField(
            "approver", "organization",
            models.ForeignKey(
                "accounts.Organization", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                editable=False, db_index=False,
            ),
        ),
        migrations.AddField(
            "approver", "project",
            models.ForeignKey(
                "projects.Project", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss",
                editable=False,
            ),
        ),
        migrations.AddField("approver", "awaited_since", models.DateTimeField(null=True, editable=False)),
        migrations.AddField("approver", "version", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddField("approver", "updated_at", models.DateTimeField(auto_now=True)),
        migrations.AddIndex(
            "approver",
            models.Index(fields=["person"], condition=models.Q(awaited_since__isnull=False), name="approver_awaited"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]  # fmt: skip

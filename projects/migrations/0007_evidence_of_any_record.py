"""Evidence leaves the task: a target of any kind, and citations beside files and links. The rows are filled by 0008."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0006_portfolio_of_projects")]

    operations = [
        migrations.RemoveConstraint(model_name="taskevidence", name="evidence_file_or_link"),
        migrations.RenameModel(old_name="TaskEvidence", new_name="Evidence"),
        migrations.AlterField(
            model_name="evidence",
            name="task",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="projects.task"
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="target_kind",
            field=models.CharField(max_length=60, null=True, editable=False),
        ),
        migrations.AddField(
            model_name="evidence", name="target_id", field=models.BigIntegerField(null=True, editable=False)
        ),
        migrations.AddField(
            model_name="evidence",
            name="cited_kind",
            field=models.CharField(blank=True, default="", editable=False, max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="evidence", name="cited_id", field=models.BigIntegerField(editable=False, null=True)
        ),
        migrations.AddField(
            model_name="evidence",
            name="cited_as",
            field=models.CharField(blank=True, default="", editable=False, max_length=300),
            preserve_default=False,
        ),
    ]

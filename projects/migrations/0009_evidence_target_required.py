"""Every piece of evidence names its target and is exactly one thing: a file, a link or a citation."""

from django.db import migrations, models

NO_FILE, NO_LINK = models.Q(sha256=""), models.Q(link="")
NO_CITATION = models.Q(cited_kind="", cited_id__isnull=True, cited_as="")
CITATION = ~models.Q(cited_kind="") & models.Q(cited_id__isnull=False) & ~models.Q(cited_as="")


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_evidence_targets")]

    operations = [
        migrations.RemoveField(model_name="evidence", name="task"),
        migrations.AlterField(
            model_name="evidence", name="target_kind", field=models.CharField(max_length=60, editable=False)
        ),
        migrations.AlterField(model_name="evidence", name="target_id", field=models.BigIntegerField(editable=False)),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["target_kind", "target_id", "added_at"], name="evidence_target"),
        ),
        migrations.AddIndex(
            model_name="evidence", index=models.Index(fields=["organization", "sha256"], name="evidence_file")
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(
                fields=["cited_kind", "cited_id"],
                condition=models.Q(cited_id__isnull=False),
                name="evidence_cited",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=(NO_CITATION & NO_LINK & ~NO_FILE)
                | (NO_CITATION & ~NO_LINK & NO_FILE)
                | (CITATION & NO_LINK & NO_FILE),
                name="evidence_file_link_or_cited",
            ),
        ),
    ]

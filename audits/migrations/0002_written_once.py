"""The history of programmes, audits, sessions, checklists and findings is written once (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("audits", "0001_audits"), ("projects", "0002_append_only")]

    operations = [
        protect(
            "audits_historicalaudit",
            "audits_historicalauditmember",
            "audits_historicalauditreport",
            "audits_historicalchecklistline",
            "audits_historicalfinding",
            "audits_historicalfollowup",
            "audits_historicalprogramme",
            "audits_historicalprogrammeline",
            "audits_historicalsession",
        )
    ]

"""Ratings are written once, and so is the history of every register of this app (T31)."""

from django.db import migrations

from core.append_only import protect


class Migration(migrations.Migration):
    dependencies = [("risks", "0003_register"), ("projects", "0002_append_only")]

    operations = [
        protect(
            "risks_rating",
            "risks_historicalrisk",
            "risks_historicalasset",
            "risks_historicaltreatment",
            "risks_historicalacceptance",
            "risks_historicalsoa",
            "risks_historicalsoaentry",
        )
    ]

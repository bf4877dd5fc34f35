"""Milestones get a number that people can say, and an owner who is reminded."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("projects", "0015_tailoring_written_once"),
    ]

    operations = [
        migrations.AddField(
            "planmilestone",
            "number",
            models.PositiveIntegerField(default=0, editable=False, verbose_name="number"),
            preserve_default=False,
        ),
        migrations.AddField(
            "planmilestone",
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
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """The day a series of repeating tasks is reckoned from; a nullable column, so no table is rebuilt."""

    dependencies = [("projects", "0002_append_only")]

    operations = [
        migrations.AddField("task", "series_on", models.DateField(blank=True, editable=False, null=True)),
        migrations.AddField("historicaltask", "series_on", models.DateField(blank=True, editable=False, null=True)),
    ]

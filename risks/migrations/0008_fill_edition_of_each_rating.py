"""The edition of the last inherent and the last expected rating, read from the ratings themselves."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Risk, Rating = apps.get_model("risks", "Risk"), apps.get_model("risks", "Rating")
    for kind in ("inherent", "expected"):
        last = Rating.objects.filter(risk=OuterRef("pk"), kind=kind).order_by("-rated_at", "-pk")
        Risk.objects.filter(**{f"{kind}_level__isnull": False}).update(
            **{f"{kind}_edition": Subquery(last.values("edition")[:1])}
        )


class Migration(migrations.Migration):
    dependencies = [("risks", "0007_edition_of_each_rating")]

    # Backwards there is nothing to undo: the columns go with the migration before.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

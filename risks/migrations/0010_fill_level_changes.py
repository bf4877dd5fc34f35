"""What happened to the levels so far, read from the ratings and from the journal, which were both written once."""

from itertools import groupby

from django.db import migrations

from core.append_only import protect

BATCH = 500
MOVES = ("risk.close", "risk.reopen")


def changes(events):
    """(moment, level before, level after) of one risk from its events in order: (moment, "rated" or a move, level)."""
    level, is_closed = "", False
    for at, what, rated in events:
        before = "" if is_closed else level
        if what == "rated":
            level = rated
        else:
            is_closed = what == "risk.close"
        after = "" if is_closed else level
        if before != after:
            yield at, before, after


def fill(apps, schema_editor):
    Rating, LevelChange = apps.get_model("risks", "Rating"), apps.get_model("risks", "LevelChange")
    JournalEntry = apps.get_model("projects", "JournalEntry")
    moves = {}
    told = JournalEntry.objects.filter(target_kind="risks.risk", action__in=MOVES).order_by("seq")
    for risk, at, action in told.values_list("target_id", "at", "action"):
        moves.setdefault(risk, []).append((at, action, ""))
    ratings = Rating.objects.filter(kind="current").order_by("risk", "rated_at", "pk")
    rows = ratings.values_list("risk", "organization", "project", "rated_at", "level_name")
    made = []
    for (risk, organization, project), rated in groupby(rows.iterator(BATCH), key=lambda row: row[:3]):
        events = [(at, "rated", name) for *_keys, at, name in rated] + moves.get(risk, [])
        made += [
            LevelChange(
                risk_id=risk, organization_id=organization, project_id=project, at=at, before=before, after=after
            )
            for at, before, after in changes(sorted(events, key=lambda event: event[0]))
        ]
        if len(made) >= BATCH:
            LevelChange.objects.bulk_create(made)
            made = []
    LevelChange.objects.bulk_create(made)


class Migration(migrations.Migration):
    dependencies = [("risks", "0009_level_changes")]

    # Backwards there is nothing to undo: the table goes with the migration before.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop), protect("risks_levelchange")]

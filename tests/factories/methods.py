"""Small methods in editions: three steps with an activity each, as rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pdca.models import Activity, Catalogue, Phase, Standard, Step, StepLink, SuggestedTask

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
STEPS = {
    "kick-off": ("1.1", "Kick-off", ()),
    "scope": ("1.2", "Scope", ("kick-off",)),
    "do": ("2.1", "Do it", ("scope",)),
}


def make_method(edition: str = "1.0", steps: dict[str, tuple] | None = None, **changes: dict[str, Any]) -> Catalogue:
    """An edition of the method "TINY". `changes`: fields of steps and of activities ("scope-work") by their codes."""
    method = Catalogue.objects.create(
        code="TINY", edition=edition, title="Tiny", loaded_at=LONG_AGO, digest=edition.ljust(64, "0")
    )
    phases = {
        number: Phase.objects.create(
            catalogue=method, code=title.lower(), number=number, title=title, objective="To have it"
        )
        for number, title in ((1, "Plan"), (2, "Do"))
    }
    made: dict[str, Step] = {}
    for sequence, (code, (number, title, _earlier)) in enumerate((steps or STEPS).items(), start=1):
        fields = {"title": title, "objective": f"{title} is done", "duration_days": 10} | changes.get(code, {})
        made[code] = Step.objects.create(
            catalogue=method, phase=phases[int(number[0])], code=code, number=number, origin="seed", sequence=sequence,
            position=sequence, **fields,
        )  # fmt: skip
        work = {"title": f"{title}: work", "effort_days": 2} | changes.get(f"{code}-work", {})
        activity = Activity.objects.create(
            catalogue=method, step=made[code], code=f"{code}-work", number=f"{number}.1", purpose="Done",
            responsible="project_manager", origin="seed", position=1, **work,
        )  # fmt: skip
        SuggestedTask.objects.create(activity=activity, position=1, title=f"{title}: first task")
    for code, (_number, _title, earlier) in (steps or STEPS).items():
        for one in earlier:
            StepLink.objects.create(step=made[code], depends_on=made[one])
    return method


def some_standard() -> Standard:
    return Standard.objects.get_or_create(
        slug="iso-x",
        defaults={
            "code": "ISO X", "title": "X", "edition": "2026", "kind": "requirements", "discipline": "quality",
            "uses_hs": True, "is_certifiable": True,
        },
    )[0]  # fmt: skip

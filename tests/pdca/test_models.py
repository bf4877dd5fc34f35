"""What the database promises about the catalogue, whoever writes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from pdca.models import Activity, AffinityMember, Clause, Standard, Step, StepLink


def refused(change) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


CHANGES = {
    "two steps of one number": lambda: Step.objects.filter(code="scope").update(number="1.7"),
    "two steps of one code": lambda: Step.objects.filter(code="scope").update(code="policy"),
    "an unknown origin": lambda: Step.objects.filter(code="scope").update(origin="hearsay"),
    "a step without a day": lambda: Step.objects.filter(code="scope").update(duration_days=0),
    "half an approval": lambda: Step.objects.filter(code="policy").update(approval_of=""),
    "an unknown role": lambda: Activity.objects.filter(number="1.1.1").update(responsible="janitor"),
    "an activity without effort": lambda: Activity.objects.filter(number="1.1.1").update(effort_days=0),
    "two activities of one number": lambda: Activity.objects.filter(number="1.1.1").update(number="1.1.2"),
    "a link twice": lambda: StepLink.objects.create(
        step_id=StepLink.objects.earliest("pk").step_id, depends_on_id=StepLink.objects.earliest("pk").depends_on_id
    ),
    "a step that waits for itself": lambda: StepLink.objects.create(
        step=Step.objects.get(code="scope"), depends_on=Step.objects.get(code="scope")
    ),
    "an extended clause outside the structure": lambda: Clause.objects.filter(match="extended").update(hs=""),
    "a specific clause inside the structure": lambda: Clause.objects.filter(match="specific").update(hs="4.1"),
    "a requirement without our words": lambda: Clause.objects.filter(is_leaf=True).update(intent=""),
    "a second structure": lambda: Standard.objects.filter(slug="iso-9001-2026").update(kind="structure"),
    "a current standard with an end": lambda: Standard.objects.filter(slug="iso-9001-2026").update(
        transition_end="2029"
    ),
    "an affinity of nothing": lambda: AffinityMember.objects.update(clause=None, control=None),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_database_refuses(published, change):
    assert refused(change)


def test_a_standard_that_documents_and_affinities_lean_on_cannot_be_deleted_under_them(published):
    with pytest.raises((ProtectedError, RestrictedError)):
        Standard.objects.get(slug="iso-27001-2022-annex-a").delete()


def test_an_edition_goes_with_all_its_parts(published):
    published.delete()

    assert (Step.objects.count(), Activity.objects.count(), StepLink.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "day", "said"),
    [
        ("2029-09-30", dt.date(2029, 9, 30), "30 September 2029"),
        ("2029-04", dt.date(2029, 4, 30), "April 2029"),
        ("2028-02", dt.date(2028, 2, 29), "February 2028"),
        ("", None, ""),
    ],
)
def test_the_end_of_a_transition_is_a_day_or_the_last_of_a_month(text, day, said):
    standard = Standard(transition_end=text)

    assert standard.transition_ends_on == day
    assert standard.transition_text == said

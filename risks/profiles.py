"""What each discipline asks about a risk beyond what every risk has: fields as data, kept in `Risk.facts`.

    profiles.of("ohs_hazard").facts          # what the form shows, in its order
    profiles.checked("ohs_hazard", raw)      # the facts as they are kept; RuleBroken names what is wrong

One register for every discipline of an integrated system (IMS2 1.7.5): a profile adds questions, never a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.rules import refused

CAUSE, EVENT, CONSEQUENCE = gettext_lazy("Cause"), gettext_lazy("Event"), gettext_lazy("Consequence")
LONGEST = 1_000
MOST_HOURS = 100_000


class Discipline(TextChoices):
    GENERAL = "general", gettext_lazy("General")
    INFORMATION_SECURITY = "information_security", gettext_lazy("Information security")
    ENVIRONMENT = "environment", gettext_lazy("Environmental aspect")
    OHS = "ohs", gettext_lazy("OH&S hazard")
    CONTINUITY = "continuity", gettext_lazy("Continuity")
    RECORDS = "records", gettext_lazy("Records")
    OPPORTUNITY = "opportunity", gettext_lazy("Opportunity")


@dataclass(frozen=True)
class Fact:
    """One question of a profile. `choices` are (key, label); `is_many` lets several be chosen; `is_hours` is a number."""

    key: str
    label: Any
    help: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    is_many: bool = False
    is_hours: bool = False


@dataclass(frozen=True)
class Profile:
    discipline: Discipline
    icon: str
    facts: tuple[Fact, ...]
    # What the three parts of the description are called here.
    cause: Any = CAUSE
    event: Any = EVENT
    outcome: Any = CONSEQUENCE


CIA = (
    ("confidentiality", gettext_lazy("Confidentiality")),
    ("integrity", gettext_lazy("Integrity")),
    ("availability", gettext_lazy("Availability")),
)
CONDITIONS = (
    ("normal", gettext_lazy("Normal operation")),
    ("abnormal", gettext_lazy("Abnormal operation")),
    ("emergency", gettext_lazy("Emergency")),
)
LIFE_CYCLE = (
    ("raw_materials", gettext_lazy("Raw materials and purchasing")),
    ("design", gettext_lazy("Design and development")),
    ("production", gettext_lazy("Production and service provision")),
    ("transport", gettext_lazy("Transport and delivery")),
    ("use", gettext_lazy("Use")),
    ("end_of_life", gettext_lazy("End of life and disposal")),
)
INFLUENCE = (
    ("direct", gettext_lazy("Direct: under our control")),
    ("indirect", gettext_lazy("Indirect: under our influence")),
)
HIERARCHY = (
    ("elimination", gettext_lazy("Elimination")),
    ("substitution", gettext_lazy("Substitution")),
    ("engineering", gettext_lazy("Engineering controls, reorganization of work")),
    ("administrative", gettext_lazy("Administrative controls, training")),
    ("ppe", gettext_lazy("Personal protective equipment")),
)
"""ISO 45001:2018, 8.1.2: from the strongest to the weakest."""
RECORD_PROPERTIES = (
    ("authenticity", gettext_lazy("Authenticity")),
    ("reliability", gettext_lazy("Reliability")),
    ("integrity", gettext_lazy("Integrity")),
    ("usability", gettext_lazy("Usability")),
)
PURSUIT = (
    ("undecided", gettext_lazy("Not decided")),
    ("pursued", gettext_lazy("Pursued")),
    ("not_pursued", gettext_lazy("Not pursued")),
)

PROFILES: dict[Discipline, Profile] = {
    one.discipline: one
    for one in (
        Profile(Discipline.GENERAL, "alert-triangle", ()),
        Profile(
            Discipline.INFORMATION_SECURITY, "lock",
            (
                Fact("threat", gettext_lazy("Threat"), gettext_lazy("Who or what could do it: phishing, fire, a mistake.")),
                Fact("vulnerability", gettext_lazy("Vulnerability"), gettext_lazy("Why it could succeed here.")),
                Fact("properties", gettext_lazy("What would be lost"), choices=CIA, is_many=True),
            ),
        ),
        Profile(
            Discipline.ENVIRONMENT, "leaf",
            (
                Fact("aspect", gettext_lazy("Aspect"), gettext_lazy("What we do that touches the environment.")),
                Fact("impact", gettext_lazy("Impact"), gettext_lazy("What changes in the environment by it.")),
                Fact("condition", gettext_lazy("Condition"), choices=CONDITIONS),
                Fact("life_cycle", gettext_lazy("Life-cycle stage"), choices=LIFE_CYCLE),
                Fact("influence", gettext_lazy("Influence"), choices=INFLUENCE),
            ),
            outcome=gettext_lazy("Consequence for us"),
        ),
        Profile(
            Discipline.OHS, "lifebuoy",
            (
                Fact("hazard", gettext_lazy("Hazard"), gettext_lazy("The source with a potential to cause injury or ill health.")),
                Fact("harm", gettext_lazy("Harm"), gettext_lazy("The injury or ill health that could follow.")),
                Fact("exposed", gettext_lazy("People exposed"), gettext_lazy("Who, how many, how often; visitors and contractors too.")),
                Fact("hierarchy", gettext_lazy("Hierarchy of controls in place"), choices=HIERARCHY, is_many=True),
            ),
        ),
        Profile(
            Discipline.CONTINUITY, "plug-connected-x",
            (
                Fact("activity", gettext_lazy("Activity disrupted"), gettext_lazy("What would stand still.")),
                Fact("impact_over_time", gettext_lazy("Impact over time"), gettext_lazy("After an hour, a day, a week.")),
                Fact(
                    "mtpd_hours", gettext_lazy("MTPD (hours)"), gettext_lazy("Maximum tolerable period of disruption."),
                    is_hours=True,
                ),
                Fact(
                    "rto_hours", gettext_lazy("RTO (hours)"),
                    gettext_lazy("Recovery time objective; not longer than the MTPD."), is_hours=True,
                ),
                Fact("mbco", gettext_lazy("MBCO"), gettext_lazy("Minimum business continuity objective: what is delivered at least.")),
            ),
        ),
        Profile(
            Discipline.RECORDS, "archive",
            (
                Fact("records", gettext_lazy("Records concerned"), gettext_lazy("Which records, in which system.")),
                Fact("properties", gettext_lazy("What would be lost"), choices=RECORD_PROPERTIES, is_many=True),
                Fact("requirement", gettext_lazy("Why they are kept"), gettext_lazy("The law, contract or need behind them.")),
            ),
        ),
        Profile(
            Discipline.OPPORTUNITY, "bulb",
            (
                Fact("benefit", gettext_lazy("Benefit"), gettext_lazy("What would be better, and for whom.")),
                Fact("pursuit", gettext_lazy("Decision"), choices=PURSUIT),
            ),
            cause=gettext_lazy("What makes it possible"), event=gettext_lazy("What would be done"),
            outcome=gettext_lazy("What would come of it"),
        ),
    )
}  # fmt: skip


def of(discipline: str) -> Profile:
    """The profile of a discipline. Raises KeyError."""
    return PROFILES[Discipline(discipline)]


def checked(discipline: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a discipline as they are kept: texts, keys of choices, lists of keys, hours as whole numbers.

    What belongs to another discipline is left out, what is empty too. Raises RuleBroken naming the field.
    """
    found: dict[str, Any] = {}
    for fact in of(discipline).facts:
        value = _value(fact, raw.get(fact.key))
        if value not in (None, "", []):
            found[fact.key] = value
    rto, mtpd = found.get("rto_hours"), found.get("mtpd_hours")
    if rto is not None and mtpd is not None and rto > mtpd:
        raise refused("rto_hours", _("The RTO cannot be longer than the MTPD: recovery would come too late."))
    return found


def _value(fact: Fact, value: Any) -> Any:
    if fact.is_hours:
        if value in (None, ""):
            return None
        text = str(value).strip()
        if not text.isascii() or not text.isdecimal() or int(text[:9]) > MOST_HOURS or len(text) > 9:
            raise refused(fact.key, _("%(name)s is a whole number of hours.") % {"name": fact.label})
        return int(text)
    if fact.is_many:
        keys = [key for key, _label in fact.choices]
        chosen = [str(one) for one in (value or [])]
        if strange := [one for one in chosen if one not in keys]:
            raise refused(
                fact.key, _("“%(value)s” is no choice of %(name)s.") % {"value": strange[0], "name": fact.label}
            )
        return [key for key in keys if key in chosen]
    text = " ".join(str(value or "").split()) if fact.choices else str(value or "").strip()
    if fact.choices and text and text not in dict(fact.choices):
        raise refused(fact.key, _("“%(value)s” is no choice of %(name)s.") % {"value": text, "name": fact.label})
    if len(text) > LONGEST:
        raise refused(fact.key, _("%(name)s has at most %(n)s characters.") % {"name": fact.label, "n": LONGEST})
    return text


def told(discipline: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, words) of the facts that are there, in the order of the profile."""
    said = []
    for fact in of(discipline).facts:
        value = facts.get(fact.key)
        if value in (None, "", []):
            continue
        labels = {key: str(label) for key, label in fact.choices}
        if isinstance(value, list):
            words = ", ".join(labels.get(one, one) for one in value)
        else:
            words = labels.get(value, str(value)) if fact.choices else str(value)
        said.append((str(fact.label), words))
    return said

"""Giving a document to people and taking back; who has to read it; confirming that it was read and understood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from core import dates
from core.rules import RuleBroken
from documents.flows import RevisionStatus
from documents.models import Acknowledgement, Audience, Distribution, Document, Reading, Revision
from documents.selectors.audience import EVERYBODY, Team, team_of
from projects import access, journal, telling
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm, Role

CLAUSE = "7.5.3"
AT_ONCE = 200


def give(
    *,
    document: Document,
    by: Any,
    audience: str,
    role: str = "",
    person: Any = None,
    asks: bool = True,
    within_days: int = 14,
) -> Distribution:
    """Gives a document to everybody, a role or a person. Given once already: asks and days are changed.

    Raises RuleBroken, NotPermitted.
    """
    with journal.change(document.project, by=by) as log:
        _permit(document, by)
        if document.is_withdrawn:
            raise RuleBroken(_("%(document)s is withdrawn: it goes to nobody.") % {"document": document.code})
        role, person = _whom(document.project, audience, role, person)
        if not 1 <= within_days <= 365:
            raise RuleBroken(_("Give readers between 1 and 365 days."))
        team = team_of(document.project)
        before = asked_days(document, team)
        found, _new = Distribution.objects.update_or_create(
            document=document, audience=audience, role=role, person=person,
            defaults={"asks": asks, "within_days": within_days, "given_by": by},
            create_defaults={
                "asks": asks, "within_days": within_days, "given_by": by, "organization_id": document.organization_id,
                "project": document.project,
            },
        )  # fmt: skip
        log(document, "document.given", {"to": str(found), "asks": asks, "within_days": within_days})
        keep(document, log, team=team)
        _shift(document, before, asked_days(document, team))
    return found


def take_back(*, distribution: Distribution, by: Any) -> None:
    """Ends a distribution; what people confirmed stays on record."""
    document = distribution.document
    with journal.change(document.project, by=by) as log:
        _permit(document, by)
        fresh = Distribution.objects.select_related("person").filter(pk=distribution.pk).first()
        if fresh is None:
            return
        log(document, "document.taken_back", {"from": str(fresh)})
        fresh.delete()
        keep(document, log)


def acknowledge(*, revision: Revision, by: Any) -> Acknowledgement:
    """Confirms that `by` read and understood the revision in effect. A second time changes nothing.

    Raises RuleBroken when it is not in effect any more or `by` was not asked, NotPermitted.
    """
    with journal.change(revision.project, by=by) as log:
        if not access.can(by, Perm.READ_PUBLISHED, revision.project):
            raise NotPermitted(_("You do not belong to the readers of this project."))
        fresh = Revision.objects.select_related("document").get(pk=revision.pk)
        if fresh.status != RevisionStatus.EFFECTIVE:
            raise RuleBroken(_("A newer revision is in effect. Read that one and confirm it."), CLAUSE)
        reading = Reading.objects.filter(document=fresh.document_id, person=by).first()
        if reading is None:
            raise RuleBroken(_("Nobody asks you to confirm this document."))
        if found := Acknowledgement.objects.filter(revision=fresh, person=by).first():
            return found
        roles = access.roles_of(by, revision.project)
        acknowledgement = Acknowledgement.objects.create(
            organization_id=revision.organization_id, project=revision.project, revision=fresh, person=by,
            name=str(by)[:120], role=", ".join(str(role.label) for role in Role if role in roles)[:120],
            acknowledged_at=log.at,
        )  # fmt: skip
        reading.confirmed, reading.revision = acknowledgement, fresh
        reading.save(update_fields=["confirmed", "revision"])
        log(fresh.document, "document.acknowledged", {"revision": fresh.number})
    return acknowledgement


def renew(revision: Revision, log: journal.Log) -> None:
    """A revision has taken effect: a material one is asked about again, an editorial one leaves what was confirmed."""
    document = revision.document
    readings = Reading.objects.filter(document=document)
    if revision.is_material:
        readings.update(confirmed=None)
    readings.filter(confirmed__isnull=True).update(revision=revision)
    keep(document, log, is_new=revision.is_material)


def keep(document: Document, log: journal.Log, *, is_new: bool = False, team: Team | None = None) -> list[Reading]:
    """Makes the readings of a document those of its distribution: who came is asked, who left is not any more.

    `is_new`: everybody's days are counted from today. Returns the readings of people who were not asked before.
    """
    document.refresh_from_db(fields=["withdrawn_at"])
    revision = None if document.is_withdrawn else document.revisions.filter(status=RevisionStatus.EFFECTIVE).first()
    days = asked_days(document, team) if revision is not None else {}
    here = {one.person_id: one for one in Reading.objects.filter(document=document)}
    Reading.objects.filter(document=document).exclude(person__in=days).delete()
    today = dates.today(document.project.organization.time_zone)
    changed = []
    for person, reading in here.items():
        if person in days and is_new and reading.confirmed_id is None:
            reading.due_on = today + dt.timedelta(days=days[person])
            changed.append(reading)
    Reading.objects.bulk_update(changed, ["due_on"])
    came = _came(document, revision, {person: day for person, day in days.items() if person not in here}, today)
    told = [one.person_id for one in [*came, *changed] if one.confirmed_id is None]
    if told:
        _tell(document, revision, told, log.by)
    return came


def _came(document: Document, revision: Revision | None, days: dict[int, int], today: dt.date) -> list[Reading]:
    """Readings for people who are asked for the first time; what they confirmed once of this content still counts."""
    if revision is None or not days:
        return []
    since = document.revisions.filter(number__lte=revision.number, is_material=True, effective_on__isnull=False)
    first = since.order_by("-number").values_list("number", flat=True).first() or revision.number
    known = {}
    for one in Acknowledgement.objects.filter(
        revision__document=document, revision__number__gte=first, person__in=days
    ).order_by("revision__number"):  # fmt: skip
        known[one.person_id] = one
    return Reading.objects.bulk_create(
        Reading(
            organization_id=document.organization_id, project=document.project, document=document, revision=revision,
            person_id=person, due_on=today + dt.timedelta(days=within), confirmed=known.get(person),
        )
        for person, within in sorted(days.items())
    )  # fmt: skip


def asked_days(document: Document, team: Team | None = None) -> dict[int, int]:
    """Who is asked to confirm a document, and within how many days; the shortest time where several lead to a person."""
    return days_of(document.distribution.filter(asks=True), team or team_of(document.project))


def days_of(distributions: Iterable[Distribution], team: Team) -> dict[int, int]:
    days: dict[int, int] = {}
    for one in distributions:
        for person in team.audience(one):
            days[person] = min(days.get(person, 365), one.within_days)
    return days


def _shift(document: Document, before: dict[int, int], after: dict[int, int]) -> None:
    """Who was asked already and now has more days or fewer: the day moves by the difference."""
    moved = []
    for reading in Reading.objects.filter(document=document, confirmed__isnull=True, person__in=before):
        if days := after.get(reading.person_id, before[reading.person_id]) - before[reading.person_id]:
            reading.due_on += dt.timedelta(days=days)
            moved.append(reading)
    Reading.objects.bulk_update(moved, ["due_on"])


def keep_project(project: Project, *, by: Any = None) -> int:
    """After a change in the team, and every hour: asks who came, drops who left. Returns how many documents changed.

    Three queries for two hundred documents that are as they should be; only the others are written.
    """
    asking = Document.objects.filter(project=project, distribution__asks=True).distinct().order_by("pk")
    count = 0
    with journal.change(project, by=by, job="documents") as log:
        team = team_of(project)
        keys = list(asking.values_list("pk", flat=True))
        for at in range(0, len(keys), AT_ONCE):
            behind = _behind(keys[at : at + AT_ONCE], team)
            for document in Document.objects.filter(pk__in=behind).select_related("project__organization"):
                keep(document, log, team=team)
                count += 1
    return count


def _behind(documents: list[int], team: Team) -> list[int]:
    """Those of the documents whose readings are not those of their distribution."""
    given: dict[int, list[Distribution]] = {}
    for one in Distribution.objects.filter(document__in=documents, asks=True):
        given.setdefault(one.document_id, []).append(one)
    in_use = set(
        Revision.objects.filter(
            document__in=documents, status=RevisionStatus.EFFECTIVE, document__withdrawn_at__isnull=True
        ).values_list("document_id", flat=True)
    )
    asked: dict[int, set[int]] = {}
    for document, person in Reading.objects.filter(document__in=documents).order_by().values_list("document", "person"):
        asked.setdefault(document, set()).add(person)
    return [
        pk
        for pk in documents
        if asked.get(pk, set()) != (set(days_of(given.get(pk, ()), team)) if pk in in_use else set())
    ]


def _whom(project: Project, audience: str, role: str, person: Any) -> tuple[str, Any]:
    if audience == Audience.EVERYBODY:
        return "", None
    if audience == Audience.ROLE:
        if role not in EVERYBODY:
            raise RuleBroken(_("Choose a role."))
        return role, None
    if audience != Audience.PERSON or person is None:
        raise RuleBroken(_("Choose who gets the document."))
    if not access.people_of(project).filter(pk=person.pk).exists():
        raise RuleBroken(_("%(person)s does not belong to this project.") % {"person": person})
    return "", person


def _permit(document: Document, by: Any) -> None:
    if not access.can(by, Perm.MANAGE_DOCUMENTS, document.project):
        raise NotPermitted(_("You may not distribute documents of this project."))


def _tell(document: Document, revision: Revision, people: Iterable[int], by: Any) -> None:
    from accounts.models import User

    telling.tell(
        telling.Event(
            "reading", people=list(User.objects.filter(pk__in=list(people))), by=by, subject=document, project=document.project,
            key=f"revision:{revision.pk}",
        )
    )  # fmt: skip

"""Nothing of one tenant reaches or changes another. RELIABILITY T03, T04, T05, T07."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization, User
from core.access_check import addresses
from core.models import OutgoingMail
from projects import access
from projects.models import (
    JournalEntry,
    OrganizationGroupGrant,
    OrganizationUserGrant,
    Project,
    ProjectUserGrant,
    Task,
)
from projects.models.grants import Grant
from projects.permissions import MAY, Perm, Role
from projects.services import team
from tests.access.conftest import OURS, THEIRS
from tests.access.samples import is_scoped, path_of
from tests.helpers.worlds import World

pytestmark = pytest.mark.django_db

ADDRESSES = sorted({found.name: found for found in addresses()}.values(), key=lambda found: found.name)
PRIVATE = (User, Organization)


# ---- what a tenant owns ------------------------------------------------------------------------------------------


def owned_rows(world: World) -> dict[str, list[tuple]]:
    """Every row of a tenant in every table, for comparison; what signing in writes about a person is left out."""
    found: dict[str, list[tuple]] = {}
    for model in apps.get_models():
        if (where := _of_tenant(model, world)) is None:
            continue
        names = [f.attname for f in model._meta.concrete_fields if f.name not in ("last_login",)]
        found[model._meta.label] = sorted(model._base_manager.filter(**where).values_list(*names), key=repr)
    return found


def _of_tenant(model: Any, world: World) -> dict[str, Any] | None:
    fields = {f.name for f in model._meta.get_fields()}
    if model is User:
        return {"email__endswith": f"@{world.canary.lower()}.example"}
    if model is Organization:
        return {"pk__in": [world.organization.pk, world.firm.pk]}
    if issubclass(model, Grant):
        parent = model._meta.get_field("content_object").related_model
        return {"content_object__organization" if parent is Project else "content_object": world.organization}
    if "organization" in fields:
        return {"organization": world.organization}
    return None


def differing(before: dict, after: dict) -> list[str]:
    return [label for label in before if before[label] != after[label]]


# ---- forms as a browser sees them --------------------------------------------------------------------------------


class Forms(HTMLParser):
    """The forms of a page: (address, {field: value}); what a form offers is posted back as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._fields: dict[str, list[str]] | None = None
        self._select = self._area = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form":
            self._fields = {}
            if (values.get("method") or "get").lower() == "post":
                self.forms.append((values.get("action") or "", self._fields))
        if self._fields is None or (not values.get("name") and tag not in ("option",)):
            return
        name = values.get("name", "")
        if tag == "input":
            kind = values.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in values:
                self._fields.setdefault(name, [])
            elif kind not in ("submit", "file", "button"):
                self._fields.setdefault(name, []).append(values.get("value") or "")
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((values.get("value", ""), "selected" in values))
        elif tag == "textarea":
            self._area = name
            self._fields[name] = [""]

    def handle_data(self, data):
        if self._area and self._fields is not None:
            self._fields[self._area][0] += data

    def handle_endtag(self, tag):
        if tag == "select" and self._select and self._fields is not None:
            chosen = [value for value, is_chosen in self._options if is_chosen] or [v for v, _c in self._options[:1]]
            self._fields[self._select] = chosen
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "form":
            self._fields = None


def forms_of(client: Client, path: str) -> list[tuple[str, dict[str, list[str]]]]:
    answer = client.get(path)
    if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", "") or answer.streaming:
        return []
    page = Forms()
    page.feed(answer.content.decode())
    return [(action or path, fields) for action, fields in page.forms if "logout" not in action]


def different_forms(
    client: Client, paths: list[str], *, bare: bool = False
) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The forms of many pages, each once: the same address with the same fields stands on many of them.

    With `bare` a page without a form is a form without fields. Whatever is posted, the next page is asked for by the
    same person.
    """
    seen: set[tuple[str, ...]] = set()
    cookies = dict(client.cookies)
    for path in paths:
        client.cookies.clear()
        client.cookies.update(cookies)
        for action, fields in forms_of(client, path) or [(path, {})] * bare:
            if (form := (action.partition("?")[0], *sorted(fields))) not in seen:
                seen.add(form)
                yield action, fields
    client.cookies.clear()
    client.cookies.update(cookies)


def pages(world: World) -> list[str]:
    """The addresses that have forms: those of the tenant, and the general ones."""
    paths = []
    for address in ADDRESSES:
        if address.declares == "public" or address.name.startswith("mfa_"):
            continue
        paths.append(path_of(address, world.first))
    return paths


def foreign_values(theirs: World) -> dict[str, list[str]]:
    """Keys of the other tenant, of every kind, as form values: its people, its places, and each thing it has."""
    objects = theirs.first.objects
    things = {name: [str(thing.pk)] for name, thing in objects.items() if hasattr(thing, "pk")}
    return things | {
        "person": [str(theirs.people["project_manager"].pk)],
        "activity": [str(objects["activity"].pk)],
        "task": [str(objects["task"].pk)],
        "project": [str(theirs.project.pk)],
        "organization": [str(theirs.organization.pk)],
        "slug": [theirs.organization.slug],
        "email": [theirs.people["staff"].email],
    }


TRYING = ("consultant", "project_manager", "client_admin", "staff")
EXTRA = ("assignee", "activity", "task", "tasks", "numbers", "user", "person", "grant", "project", "organization",
         "client", "manager", "predecessor", "predecessors", "other")  # fmt: skip


@pytest.mark.parametrize("who", TRYING)
def test_keys_of_another_tenant_change_nothing_there_and_are_kept_nowhere(who, worlds, clients):
    """T03: every form of every page, with every choice replaced by keys of the other tenant; and without the page."""
    ours, theirs = worlds.ours, worlds.theirs
    client, before = clients[who], owned_rows(theirs)
    posted = 0
    for action, fields in different_forms(client, pages(ours), bare=True):
        choices = [name for name, values in fields.items() if _is_choice(name, values)]
        for kind, values in foreign_values(theirs).items():
            # Forms without a choice get two kinds of names that no form offers; a kind that only some fields could
            # take is tried where a field is called so.
            if kind not in ("person", "task") and not (choices and (kind == "activity" or _speaks_of(kind, fields))):
                continue
            data = {name: list(value) for name, value in fields.items()}
            for name in (*fields, *EXTRA):
                if name != "csrfmiddlewaretoken" and _is_choice(name, fields.get(name)):
                    data[name] = values
            with transaction.atomic():
                answer = client.post(action, data)
                assert answer.status_code < 500, f"{action} {data}: {answer.status_code}"
                assert differing(before, owned_rows(theirs)) == [] if posted % 100 == 0 else True
                crossing = crossings(ours)
                assert not crossing, f"{who} posted {data} to {action}: {crossing}"
                mails = OutgoingMail.objects.filter(text__icontains=THEIRS, recipient__icontains=OURS.lower())
                assert not mails.exists(), action
                transaction.set_rollback(True)
            posted += 1
    assert differing(before, owned_rows(theirs)) == []
    assert posted > 100 or who == "staff"


def _speaks_of(kind: str, fields: dict[str, list[str]]) -> bool:
    return any(kind in name.lower() for name in fields)


def _is_choice(name: str, values: list[str] | None) -> bool:
    """Fields whose value is a key: choices have short values, and the names above are tried everywhere."""
    return values is None or name in EXTRA or (bool(values) and all(v.isdigit() for v in values if v))


def crossings(world: World) -> list[str]:
    """Rows of our tenant that point to a row of another organization."""
    found = []
    for model in (Task,):
        rows = model.objects.filter(organization=world.organization)
        found += [
            f"{t} activity"
            for t in rows.exclude(activity=None).exclude(activity__project__organization=world.organization)
        ]
        found += [f"{t} assignee" for t in rows.filter(assignee__email__icontains=THEIRS.lower())]
    found += [f"{p} manager" for p in world.organization.projects.filter(manager__email__icontains=THEIRS.lower())]
    for grant in (OrganizationUserGrant, ProjectUserGrant):
        where = "content_object__organization" if grant is ProjectUserGrant else "content_object"
        found += [
            f"{g} grant"
            for g in grant.objects.filter(**{where: world.organization}, user__email__icontains=THEIRS.lower())
        ]
    if OrganizationGroupGrant.objects.filter(content_object=world.organization, group=world.firm.team).count() != 1:
        found.append("engagement")
    return found


PROTECTED = {
    "is_superuser": "1", "is_staff": "1", "is_active": "", "is_demo": "1", "session_epoch": "77", "email": "x@x.example",
    "organization": "", "organization_id": "", "created_by": "", "created_at": "2001-01-01", "version_": "9",
    "is_open": "", "completed_by": "", "completed_at": "2001-01-01", "number": "999", "last_task_number": "999",
    "effort_minutes_done": "1", "task_count": "1", "granted_by": "", "sha256": "0", "actor": "", "slug": "taken",
    "role": "client_admin", "kind": "firm", "team": "1", "user_permissions": "1", "groups": "1", "password": "x",
}  # fmt: skip
GUARDED = {
    User: ("email", "is_superuser", "is_staff", "is_active", "is_demo", "password", "session_epoch"),
    Task: ("organization_id", "project_id", "number", "created_by_id", "created_at"),
    Project: ("organization_id", "slug", "created_by_id", "catalogue_id"),
    Organization: ("slug", "kind", "is_active", "is_demo", "team_id", "created_by_id"),
}


@pytest.mark.parametrize("who", TRYING)
def test_fields_that_a_form_does_not_offer_change_nothing(who, worlds, clients):
    """T05: every form with the names of model fields added that are nobody's to set."""
    ours, theirs = worlds.ours, worlds.theirs
    client = clients[who]
    extra = PROTECTED | {
        name: str(theirs.organization.pk if "organization" in name else theirs.people["staff"].pk)
        for name in ("organization", "organization_id", "created_by", "completed_by", "granted_by", "actor")
    }

    def guarded() -> dict[str, list]:
        return {model.__name__: list(model.objects.order_by("pk").values_list("pk", *names))
                for model, names in GUARDED.items()}  # fmt: skip

    before = guarded()
    known = {name: {row[0] for row in rows} for name, rows in before.items()}
    grants = set(OrganizationUserGrant.objects.values_list("pk", flat=True))
    posted = 0
    for action, fields in different_forms(client, pages(ours)):
        data = {name: list(value) for name, value in fields.items()}
        data |= {name: [value] for name, value in extra.items() if name not in fields}
        posted += 1
        with transaction.atomic():
            assert client.post(action, data).status_code < 500, action
            after = {name: [row for row in rows if row[0] in known[name]] for name, rows in guarded().items()}
            assert after == before, f"{who} changed what no form offers by {action}"
            new = OrganizationUserGrant.objects.exclude(pk__in=grants).filter(user=ours.people[who])
            assert not new.exists(), action
            transaction.set_rollback(True)
    assert posted > (20 if who == "staff" else 50)


# ---- one answer --------------------------------------------------------------------------------------------------


def test_can_has_perm_and_visible_say_the_same(worlds):
    """T04: random people, permissions and records of both tenants, against the table read by hand."""
    chance = random.Random(4)  # noqa: S311
    everybody = [(w, who) for w in (worlds.ours, worlds.theirs) for who in w.people]
    targets = [t for w in (worlds.ours, worlds.theirs) for t in (w.first, w.second)]
    records = [
        (t, r) for t in targets for r in (t.project, t.objects["task"], t.objects["activity"], t.objects["step"])
    ]
    visible: dict[tuple, set[int]] = {}
    for _k in range(2000):
        (world, who), (target, record) = chance.choice(everybody), chance.choice(records)
        perm = chance.choice(list(Perm))
        person = world.people[who]
        wanted = perm in by_hand(world, who, target)
        assert access.can(person, perm, record) is wanted, (who, perm, record)
        assert person.has_perm(f"projects.{perm}", record) is (wanted or _is_root(person)), (who, perm, record)
        key = (person.pk, perm, type(record))
        if key not in visible:
            visible[key] = set(access.visible(type(record), person, perm).values_list("pk", flat=True))
        assert (record.pk in visible[key]) is wanted, (who, perm, record)


def _is_root(person: User) -> bool:
    """Django answers True for an active superuser before any backend is asked; no page asks it (see the matrix)."""
    return person.is_superuser and person.is_active


def by_hand(world: World, who: str, target) -> frozenset[Perm]:
    """What a person may do in a project, read from how the world was made."""
    from tests.access.probes import IN_ORGANIZATION, OUTSIDERS

    if target.organization != world.organization or who in OUTSIDERS or who == "disabled":
        return frozenset()
    if who in IN_ORGANIZATION:
        return MAY[IN_ORGANIZATION[who]]
    home = world.second if who == "other_project" else world.first
    if target is not home:
        return frozenset()
    return MAY[Role.PROJECT_MANAGER if who == "other_project" else Role(who)]


# ---- rights change at once ---------------------------------------------------------------------------------------


def end_role(world, person):
    ProjectUserGrant.objects.filter(user=person).delete()


def let_it_expire(world, person):
    ProjectUserGrant.objects.filter(user=person).update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def switch_off(world, person):
    User.objects.filter(pk=person.pk).update(is_active=False)


def leave_the_firm(world, person):
    person.groups.clear()


def close_the_organization(world, person):
    Organization.objects.filter(pk=world.organization.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("who", "change"),
    [
        ("project_manager", end_role),
        ("auditor", let_it_expire),
        ("staff", switch_off),
        ("consultant", leave_the_firm),
        ("client_admin", close_the_organization),
    ],
)
def test_a_right_that_ends_ends_with_the_next_request(who, change, worlds, clients):
    """T07: within one open session."""
    world, client = worlds.ours, clients[who]
    path = reverse("projects:task-list", kwargs=world.first.slugs)
    with transaction.atomic():
        assert client.get(path).status_code == 200
        change(world, world.people[who])
        assert client.get(path).status_code in (302, 404)
        transaction.set_rollback(True)
    assert client.get(path).status_code == 200


def test_a_role_ended_by_its_service_is_gone_and_told(worlds, clients):
    world = worlds.ours
    grant = ProjectUserGrant.objects.select_related("permission", "content_object__organization").get(
        user=world.people["hr"], content_object=world.project
    )
    with transaction.atomic():
        team.end(grant=grant, by=world.people["project_manager"], reason="Left the project")
        path = reverse("projects:project-home", kwargs=world.first.slugs)
        assert clients["hr"].get(path).status_code == 404
        assert JournalEntry.objects.filter(organization=world.organization, action="role.ended").exists()
        transaction.set_rollback(True)


def test_a_certification_auditor_changes_nothing_anywhere(worlds, clients):
    """Every address of the project, posted to by somebody who may only read."""
    world, client = worlds.ours, clients["certification_auditor"]
    before = owned_rows(world)
    for address in ADDRESSES:
        if is_scoped(address):
            client.post(path_of(address, world.first), {"reason": "x", "text": "x"})
    changed = differing(before, owned_rows(world))
    # A reader may have the PDF of what is in effect made; that is work asked for, and changes nothing of the client's.
    assert [label for label in changed if label != "jobs.Job"] == []


def test_the_people_of_a_tenant_are_nowhere_offered_to_another(worlds, clients):
    """No choice of a form and no list of people names a stranger."""
    for who, path in itertools.product(TRYING, pages(worlds.ours)):
        answer = clients[who].get(path)
        if answer.status_code == 200 and not answer.streaming:
            assert THEIRS not in answer.content.decode("utf-8", "replace"), f"{path} for {who}"

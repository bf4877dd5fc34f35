"""Who is asked to read, who confirmed, and what a new revision asks again."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.rules import RuleBroken
from documents.models import Acknowledgement, Reading
from documents.selectors import reading as selectors
from documents.services import reading as services
from projects.models import ProjectUserGrant
from projects.permissions import MAY, Role, perms_of
from projects.services import team
from tests.factories.documents import approve, make_document, make_draft, make_effective
from tests.factories.projects import grant, make_user


@pytest.fixture
def policy(here):
    return make_document(here.project, here.consultant, kind="policy", title="Policy")


@pytest.fixture
def effective(here, policy):
    return make_effective(policy, by=here.consultant, decider=here.boss)


def waiting(document):
    return set(Reading.objects.filter(document=document, confirmed=None).values_list("person__name", flat=True))


def test_given_to_a_role_its_holders_are_asked_and_confirm_once(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="role", role="staff", within_days=5)
    assert waiting(policy) == {"Staff"}

    one = services.acknowledge(revision=effective, by=here.staff)

    assert services.acknowledge(revision=effective, by=here.staff) == one
    assert (one.name, one.role) == ("Staff", "Staff") and waiting(policy) == set()
    assert selectors.progress(policy) == (1, 1, 0)
    with pytest.raises(RuleBroken):
        services.acknowledge(revision=effective, by=here.auditor)


def test_a_material_change_asks_again_and_an_editorial_one_does_not(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="person", person=here.staff)
    services.acknowledge(revision=effective, by=here.staff)

    draft = make_draft(policy, here.consultant, body="# Typo mended", is_material=False)
    assert selectors.would_lapse(draft) == 0
    draft.delete()
    editorial = make_effective(policy, by=here.consultant, decider=here.boss, body="# Typo", is_material=False)
    assert editorial.number == 2 and waiting(policy) == set()
    third = make_draft(policy, here.consultant, body="# All new", is_material=True)
    assert selectors.would_lapse(third) == 1
    approve(policy, by=here.consultant, decider=here.boss)
    assert waiting(policy) == {"Staff"} and Acknowledgement.objects.count() == 1
    with pytest.raises(RuleBroken):
        services.acknowledge(revision=editorial, by=here.staff)


def test_who_joins_is_asked_and_who_leaves_is_not_any_more(here, policy, effective, django_capture_on_commit_callbacks):
    services.give(document=policy, by=here.controller, audience="role", role="staff")
    newcomer = make_user(name="Newcomer")
    grant(newcomer, Role.STAFF, here.project)

    services.keep_project(here.project)
    assert waiting(policy) == {"Staff", "Newcomer"}

    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, here.project)
    held = ProjectUserGrant.objects.get(content_object=here.project, user=newcomer)
    with django_capture_on_commit_callbacks(execute=True):
        team.end(grant=held, by=manager, reason="Left")
    assert waiting(policy) == {"Staff"}


def test_staff_sees_only_what_was_given_to_them(here, policy, effective):
    other = make_document(here.project, here.consultant, title="Board only")
    make_effective(other, by=here.consultant, decider=here.boss)
    services.give(document=policy, by=here.controller, audience="everybody")

    def seen(user, *roles):
        rows = selectors.published(here.project, user, perms_of(roles), frozenset(roles))
        return [row.document.title for row in rows]

    assert seen(here.staff, Role.STAFF) == ["Policy"]
    assert seen(here.owner, Role.PROCESS_OWNER) == ["Policy", "Board only"]
    assert "view_documents" not in MAY[Role.STAFF]


def test_what_was_confirmed_cannot_be_changed_in_the_database(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="everybody")
    one = services.acknowledge(revision=effective, by=here.staff)

    for statement in ("UPDATE documents_acknowledgement SET name = 'X' WHERE id = %s",
                      "DELETE FROM documents_acknowledgement WHERE id = %s"):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [one.pk])

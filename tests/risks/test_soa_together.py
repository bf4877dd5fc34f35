"""Two people answer one row in the same instant: one is saved, the other sees it and loses nothing."""

from __future__ import annotations

import pytest

from projects.models import JournalEntry
from projects.permissions import Role
from risks.selectors import soa as selectors
from risks.services import soa as services
from tests.approvals.test_in_parallel import together
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_soa

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project():
    return make_project()


@pytest.fixture
def people(project):
    found = [make_user() for _n in range(4)]
    for person in found:
        grant(person, Role.PROJECT_MANAGER, project)
    return found


def test_of_several_editors_of_one_row_one_is_saved_and_the_others_are_told(project, people):
    soa = make_soa(project, people[0])
    entry = selectors.entry(soa, "C.1")

    saved, refused, faults = together([
        lambda by=by: services.answer(entry=entry, by=by, version=1, values={"is_applicable": True, "justification": str(by)})
        for by in people
    ])  # fmt: skip

    assert (len(saved), len(refused), faults) == (1, 3, [])
    assert all("changed by somebody else" in words for words in refused)
    now = selectors.entry(soa, "C.1")
    assert (now.version, now.justification) == (2, saved[0].justification)
    assert JournalEntry.objects.filter(action="soa.answered").count() == now.history.count() - 1 == 1


def test_many_rows_and_one_of_them_at_once_leave_no_row_half_written(project, people):
    soa = make_soa(project, people[0])
    entry = selectors.entry(soa, "C.1")
    every = [f"C.{n}" for n in range(1, 7)]

    _saved, refused, faults = together([
        lambda: services.answer_many(soa=soa, by=people[0], refs=every, values={"is_applicable": True, "status": "planned"}),
        lambda: services.answer(entry=entry, by=people[1], version=1, values={"justification": "Mine"}),
    ])  # fmt: skip

    assert faults == [] and len(refused) <= 1
    now = selectors.entry(soa, "C.1")
    assert now.is_applicable is True and now.status == "planned"
    assert now.justification == ("" if refused else "Mine") and now.version == (2 if refused else 3)


def test_one_statement_is_begun_however_many_begin_it(project, people):
    begun, refused, faults = together([
        lambda by=by: services.begin_actions(project=project, by=by) for by in people
    ])  # fmt: skip
    assert (len(begun), len(refused), faults) == (1, 3, [])

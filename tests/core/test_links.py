"""Pairs of keys written without records of them: all of them, however many, and none twice."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audits.models import ChecklistLine, ChecklistLineClause
from core import links
from tests.factories.audits import make_standard, make_working_audit
from tests.factories.projects import make_project
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


def test_more_links_than_fit_into_a_statement_are_all_written_and_none_twice():
    audit = make_working_audit(make_project())
    owned = {"organization_id": audit.organization_id, "project_id": audit.project_id, "audit": audit}
    lines = ChecklistLine.objects.bulk_create(ChecklistLine(**owned, title=f"Question {n}") for n in range(150))
    clauses = make_standard("iso-test-1").clauses.filter(is_leaf=True)[:3]
    pairs = [(line.pk, clause.pk) for line in lines for clause in clauses]

    with queries(2, exactly=True):
        links.insert(ChecklistLineClause, ("line", "clause"), iter(pairs))

    assert sorted(ChecklistLineClause.objects.values_list("line_id", "clause_id")) == sorted(pairs)
    with pytest.raises(IntegrityError), transaction.atomic():
        links.insert(ChecklistLineClause, ("line", "clause"), pairs[:1])
    with queries(0, exactly=True):
        links.insert(ChecklistLineClause, ("line", "clause"), [])

"""Task evidence became evidence of any record: the rows come along, and go back where the old table has room."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from projects.models import Evidence
from projects.permissions import Role
from projects.services import evidence as services
from tests.factories.projects import grant, make_project, make_task, make_user

pytestmark = pytest.mark.django_db(transaction=True)

MIGRATIONS = ("0007_evidence_of_any_record", "0008_evidence_targets", "0009_evidence_target_required")
COLUMNS = ("id", "title", "link", "sha256", "file_name", "file_type", "size_bytes", "added_by_id", "added_at",
           "withdrawn_at", "withdrawn_reason", "organization_id", "project_id")  # fmt: skip


def step(name: str, *, forwards: bool) -> None:
    """One migration alone, whatever of other apps stands on top of it: only this table is concerned."""
    loader = MigrationLoader(connection)
    before = loader.project_state(("projects", name), at_end=False)
    migration = loader.get_migration("projects", name)
    with connection.schema_editor(atomic=migration.atomic) as editor:
        (migration.apply if forwards else migration.unapply)(before, editor)


@contextmanager
def before_the_change():
    """The tables as they were; brought forward again at the end, whatever happened."""
    applied = list(MIGRATIONS)

    def forwards() -> None:
        while len(applied) < len(MIGRATIONS):
            step(MIGRATIONS[len(applied)], forwards=True)
            applied.append(MIGRATIONS[len(applied)])

    def backwards() -> None:
        while applied:
            step(applied[-1], forwards=False)
            applied.pop()

    try:
        yield forwards, backwards
    finally:
        forwards()


def old_rows() -> list[tuple]:
    apps = MigrationLoader(connection).project_state(("projects", MIGRATIONS[0]), at_end=False).apps
    rows = apps.get_model("projects", "TaskEvidence").objects.order_by("pk")
    return list(rows.values_list("task_id", *COLUMNS))


def test_the_rows_come_along_forwards_and_go_back():
    project, person = make_project(), make_user()
    grant(person, Role.PROJECT_MANAGER, project)
    first, second = make_task(project), make_task(project)
    with before_the_change() as (forwards, backwards):
        backwards()
        apps = MigrationLoader(connection).project_state(("projects", MIGRATIONS[0]), at_end=False).apps
        make = apps.get_model("projects", "TaskEvidence").objects.create
        own = {"organization_id": project.organization_id, "project_id": project.pk, "added_by_id": person.pk}
        link = make(**own, task_id=first.pk, title="Minutes", link="https://a.example")
        file = make(**own, task_id=second.pk, title="Plan", sha256="a" * 64, file_name="plan.pdf", size_bytes=9,
                    file_type="application/pdf", withdrawn_at=project.created_at, withdrawn_reason="Old")  # fmt: skip
        before = old_rows()

        forwards()

        rows = Evidence.objects.order_by("pk").values_list("target_id", *COLUMNS)
        assert list(rows) == before and len(before) == 2
        assert {one.target_kind for one in Evidence.objects.all()} == {"projects.task"}
        assert [one.pk for one in Evidence.objects.order_by("pk")] == [link.pk, file.pk]
        assert not Evidence.objects.exclude(cited_kind="", cited_as="", cited_id=None).exists()
        services.withdraw(evidence=Evidence.objects.get(pk=link.pk), reason="x", by=person)

        backwards()

        assert [row[0] for row in old_rows()] == [first.pk, second.pk]
        assert [row[1:10] for row in old_rows()] == [row[1:10] for row in before]


def test_what_the_old_table_has_no_place_for_is_not_lost_on_the_way_back():
    project = make_project()
    own = {"organization": project.organization, "project": project, "added_by": make_user()}
    Evidence.objects.create(**own, target_kind="risks.risk", target_id=1, title="x", link="https://a.example")
    Evidence.objects.create(
        **own, target_kind="projects.task", target_id=1, title="y", cited_kind="a.b", cited_id=1, cited_as="POL-001"
    )

    with before_the_change() as (_forwards, backwards), pytest.raises(RuntimeError, match="2 pieces of evidence"):
        backwards()

    assert Evidence.objects.count() == 2

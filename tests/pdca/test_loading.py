"""load_catalogue: what it brings, that it may run again, and what it refuses to take away."""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from pdca.models import (
    Activity,
    Catalogue,
    Clause,
    Control,
    Origin,
    ResponsibleRole,
    Standard,
    Step,
    StepLink,
    SuggestedTask,
)
from pdca.services import catalogue as catalogue_service
from pdca.services.catalogue import CatalogueFaulty, load
from tests.factories.pdca import PARENTS_FIRST, method_text, standard_text, structure_text, written

FIXTURES = Path(settings.ROOT) / "fixtures"
METHOD = FIXTURES / "method" / "ims2-1.0.yaml"
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def keys() -> dict[type[models.Model], set[int]]:
    return {model: set(model.objects.values_list("pk", flat=True)) for model in PARENTS_FIRST}


def test_the_published_method_has_4_phases_20_steps_and_101_activities(published):
    assert published.phases.count() == 4
    assert published.steps.count() == 20
    assert published.activities.count() == 101
    assert SuggestedTask.objects.count() == 328
    assert StepLink.objects.count() == 29


def test_origins_are_those_of_the_catalogue(published):
    steps = {origin: published.steps.filter(origin=origin).count() for origin in Origin.values}
    activities = {origin: published.activities.filter(origin=origin).count() for origin in Origin.values}

    assert steps == {"seed": 19, "public": 0, "derived": 1}
    assert activities == {"seed": 41, "public": 15, "derived": 45}


def test_the_standards_are_there_with_clauses_and_controls(published):
    kinds = {kind: Standard.objects.filter(kind=kind).count() for kind in ("requirements", "controls", "structure")}

    assert kinds == {"requirements": 12, "controls": 2, "structure": 1}
    assert Clause.objects.filter(standard__slug="iso-9001-2015", is_leaf=True).count() == 57
    assert Control.objects.filter(standard__slug="iso-27001-2022-annex-a").count() == 93
    assert Control.objects.filter(standard__slug="iso-42001-2023-annex-a").count() == 38


def test_a_superseded_standard_knows_its_successor_and_the_end_of_its_transition(published):
    old = Standard.objects.get(slug="iso-9001-2015")

    assert old.is_superseded
    assert old.successor.slug == "iso-9001-2026"
    assert old.transition_text == "30 September 2029"


def test_a_step_keeps_what_its_file_says(published):
    step = published.steps.get(code="risk-assessment")

    assert (step.number, step.title, step.phase.code, step.is_iterative) == ("1.7", "Risk Assessment", "plan", True)
    assert step.approval_by == ResponsibleRole.RISK_OWNER
    assert sorted(step.depends_on.values_list("number", flat=True)) == ["1.5", "1.6"]


def test_the_digest_is_that_of_the_file(published):
    assert published.digest == hashlib.sha256(METHOD.read_bytes()).hexdigest()


def test_a_standard_keeps_the_digest_of_its_file_too(published):
    path = FIXTURES / "standards" / "iso_9001_2026.yaml"

    found = Standard.objects.get(slug="iso-9001-2026")

    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not Standard.objects.filter(digest="").exists()


@pytest.mark.django_db
def test_loading_again_writes_nothing():
    load()
    before = keys()

    with CaptureQueriesContext(connection) as queries:
        report = load()

    assert [q["sql"] for q in queries if q["sql"].lstrip().upper().startswith(WRITES)] == []
    assert keys() == before
    assert not report.wrote
    assert report.total["unchanged"] == sum(len(found) for found in before.values())


@pytest.mark.django_db
def test_the_command_says_what_it_did():
    first, second = StringIO(), StringIO()

    call_command("load_catalogue", stdout=first)
    call_command("load_catalogue", stdout=second)

    assert "  activities: 101 created, 0 changed, 0 removed, 0 unchanged" in first.getvalue()
    assert "19 files read, 1786 rows created" in first.getvalue()
    assert second.getvalue().startswith(
        "Catalogue: 19 files read, 0 rows created, 0 changed, 0 removed, 1786 unchanged."
    )


def test_a_correction_changes_the_row_and_keeps_its_key(published, tmp_path):
    before = keys()
    activity = published.activities.get(code="clarify-intended-outcomes")
    text = METHOD.read_text().replace("Clarify the motives and intended outcomes", "Clarify motives and outcomes")

    report = load(written(tmp_path, method=text))

    assert Activity.objects.get(pk=activity.pk).title == "Clarify motives and outcomes"
    assert keys() == before
    assert (report.total["changed"], report.total["created"], report.total["removed"]) == (2, 0, 0)
    published.refresh_from_db()
    assert published.digest == hashlib.sha256(text.encode()).hexdigest()


def test_two_steps_may_trade_numbers_and_keep_their_keys(db, structure, tmp_path):
    load([*structure, *written(tmp_path, method=method_text([("1.1", "one", ()), ("1.2", "two", ())]))])
    before = dict(Step.objects.values_list("code", "pk"))

    load(written(tmp_path, method=method_text([("1.1", "two", ()), ("1.2", "one", ())])))

    assert dict(Step.objects.values_list("code", "pk")) == before
    assert dict(Step.objects.values_list("code", "number")) == {"two": "1.1", "one": "1.2"}


def test_what_the_file_no_longer_holds_is_removed(db, structure, tmp_path):
    load([*structure, *written(tmp_path, method=method_text())])

    report = load(written(tmp_path, method=method_text([("1.1", "begin", ())])))

    assert list(Step.objects.values_list("code", flat=True)) == ["begin"]
    assert list(Activity.objects.values_list("code", flat=True)) == ["begin-1"]
    assert SuggestedTask.objects.count() == 2
    assert report.counts["steps"]["removed"] == 1


def test_a_new_code_may_take_over_a_number(db, structure, tmp_path):
    load([*structure, *written(tmp_path, method=method_text([("1.1", "begin", ())]))])

    load(written(tmp_path, method=method_text([("1.1", "start", ())])))

    assert list(Step.objects.values_list("number", "code")) == [("1.1", "start")]


def test_a_clause_that_documents_refer_to_cannot_be_taken_out(published, tmp_path):
    path = FIXTURES / "standards" / "iso_27001_2022.yaml"
    text = path.read_text()
    at = text.index('- ref: "8.2"')
    text = text[:at] + text[text.index('- ref: "8.3"') :]
    before = keys()

    with pytest.raises(CatalogueFaulty) as refused:
        load(written(tmp_path, standard=text))

    said = str(refused.value.faults[0])
    assert "clause 8.2 " in said
    assert "still referred to by" in said
    assert "affinity member 8.2 Information security risk assessment" in said
    assert keys() == before


def test_rows_that_another_app_refers_to_are_not_removed(db, structure, tmp_path, monkeypatch):
    """Whatever the foreign key of the other app would do on deletion: the loader asks first."""
    load([*structure, *written(tmp_path, method=method_text())])
    step = Step.objects.get(code="go-on")

    class Holder:
        _meta = type("Meta", (), {"app_label": "elsewhere"})

        class _base_manager:
            @staticmethod
            def filter(**asked):
                assert asked == {"step__in": [step]}
                return [
                    type("Row", (), {"_meta": type("M", (), {"verbose_name": "plan step"}), "__str__": lambda s: "P"})()
                ]

    relation = type("Relation", (), {"related_model": Holder, "field": type("F", (), {"name": "step"})})
    monkeypatch.setattr(Step._meta, "related_objects", (relation,), raising=False)

    with pytest.raises(CatalogueFaulty, match="1 faults"):
        load(written(tmp_path, method=method_text([("1.1", "begin", ())])))

    assert Step.objects.filter(pk=step.pk).exists()


@pytest.mark.django_db
def test_a_second_edition_stands_beside_the_first(structure, tmp_path):
    load([*structure, *written(tmp_path, method=method_text())])
    first = Catalogue.objects.get()
    before = {model: set(model.objects.values_list("pk", flat=True)) for model in PARENTS_FIRST}

    load(written(tmp_path, method=method_text([("1.1", "begin", ())], edition="2.0")))

    assert set(Catalogue.objects.values_list("edition", flat=True)) == {"1.0", "2.0"}
    assert first.steps.count() == 2
    for model, found in before.items():
        assert found <= set(model.objects.values_list("pk", flat=True)), model


@pytest.mark.django_db
def test_one_standard_can_be_loaded_alone_once_the_structure_is_there(structure, tmp_path):
    load(structure)

    load(written(tmp_path, own=standard_text("own", [("4", None, "4", "identical"), ("4.1", "4", "4.1", "extended")])))

    clause = Clause.objects.get(standard__slug="own", ref="4.1")
    assert (clause.parent.ref, clause.hs, clause.match) == ("4", "4.1", "extended")


@pytest.mark.django_db
def test_a_clause_may_move_under_a_new_parent_and_keeps_its_key(structure, tmp_path):
    flat = standard_text("own", [("4", None, "4", "identical"), ("4.1", "4", "4.1", "identical")])
    deep = standard_text(
        "own",
        [("4", None, "4", "identical"), ("4.0", "4", "4", "identical"), ("4.1", "4.0", "4.1", "identical")],
    )
    load([*structure, *written(tmp_path, own=flat)])
    key = Clause.objects.get(standard__slug="own", ref="4.1").pk

    load(written(tmp_path, own=deep))

    clause = Clause.objects.get(standard__slug="own", ref="4.1")
    assert (clause.pk, clause.parent.ref) == (key, "4.0")


@pytest.mark.django_db
def test_nothing_is_written_when_a_later_part_fails(structure, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise CatalogueFaulty([])

    monkeypatch.setattr(catalogue_service, "save_method", fail)

    with pytest.raises(CatalogueFaulty):
        load([*structure, *written(tmp_path, method=method_text())])

    assert not Standard.objects.exists()


@pytest.mark.django_db
def test_a_folder_stands_for_its_files_and_a_file_given_twice_counts_once(tmp_path):
    path = written(tmp_path, structure=structure_text())[0]

    report = load([tmp_path, path])

    assert report.files == 1

"""Drafting from a starter model, and the checklist of commitments: services and rules."""

from __future__ import annotations

import random

import pytest
from django.utils import translation

from approvals import subjects
from core.rules import RuleBroken, StaleRecord
from documents import commitments, filling, sentences, starters
from documents.models import CommitmentTick, Document, Revision
from documents.selectors import commitment as checklists
from documents.selectors import document as documents
from documents.selectors import starter as models
from documents.services import commitment, starter
from documents.services import revision as revisions
from pdca.models import Standard
from projects import placeholders
from projects.flow import NotPermitted
from projects.models import JournalEntry
from tests.factories.documents import approve, make_document, make_draft
from tests.factories.projects import full_catalogue

THREE = ["ISO 9001:2026", "ISO 14001:2026", "ISO/IEC 27001:2022"]


@pytest.fixture
def three(here):
    full_catalogue()
    here.project.standards.add(*Standard.objects.filter(code__in=THREE))
    return here


@pytest.fixture
def scope():
    """What the scope statement says; none as long as `scope["says"]` is empty."""
    before = dict(placeholders._sources)
    said = {"says": ""}
    placeholders.hang("scope", lambda project: said["says"])
    placeholders.hang("objectives", lambda project: "Fewer complaints")
    yield said
    placeholders._sources.clear()
    placeholders._sources.update(before)


def integrated(three, **more) -> tuple[Document, Revision]:
    made = starter.create(project=three.project, by=three.consultant, slug="integrated-policy", language="en", **more)
    revision = made.revisions.get()
    revision.document, revision.project = made, three.project
    return made, revision


def ticked(revision: Revision) -> dict[str, str]:
    return dict(revision.ticks.exclude(sentence="").values_list("slug", "sentence"))


# ---- drafting ----------------------------------------------------------------------------------------------------


def test_a_model_becomes_a_registered_document_with_a_draft_and_its_ticks(three):
    document, revision = integrated(three)

    assert (document.kind, document.title, document.code) == ("policy", "Integrated management policy", "POL-001")
    assert (document.owner, document.review_months, document.language) == (three.consultant, 12, "en")
    assert document.answers.get().group.slug == "policy"
    assert sorted(f"{one.clause.standard.code} {one.clause.ref}" for one in document.served.select_related(
        "clause__standard")) == ["ISO 14001:2026 5.2", "ISO 9001:2026 5.2", "ISO/IEC 27001:2022 5.2"]  # fmt: skip
    assert revision.status == "draft" and three.project.organization.name in revision.body
    assert "ISO 45001" not in revision.body and "hazards" not in revision.body and "answers:" not in revision.body
    wanted = {row.slug for row in commitments.rows(THREE)}
    assert set(ticked(revision)) == wanted and len(wanted) > 10
    actions = JournalEntry.objects.filter(target_id=document.pk).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["document.created", "document.revision_started"]


def test_the_checklist_counts_what_is_asked_separately_and_together(three):
    _document, revision = integrated(three)
    found = checklists.checklist(revision)

    separate = sum(len(row.asked_by) for row in commitments.rows(THREE))
    assert (found.counts.separate, found.counts.merged) == (separate, len(found.lines)) and separate > len(found.lines)
    assert found.is_complete and found.covered == len(found.lines) and found.percent == 100


def test_a_language_that_a_model_does_not_have_gives_the_english_one_and_says_so(three):
    german = starter.create(project=three.project, by=three.consultant, slug="integrated-policy", language="de")
    fallback = starter.create(project=three.project, by=three.consultant, slug="supplier-procedure", language="de")

    assert (german.language, fallback.language) == ("de", "en")
    assert "Verpflichtung" in german.revisions.get().body and fallback.revisions.get().change_summary == "First edition"


def test_only_who_may_register_drafts_and_a_process_owner_owns_what_they_draft(three):
    with pytest.raises(NotPermitted):
        starter.create(project=three.project, by=three.boss, slug="integrated-policy", language="en")
    own = starter.create(
        project=three.project, by=three.owner, slug="supplier-procedure", language="en", owner=three.boss
    )

    assert own.owner == three.owner
    with pytest.raises(RuleBroken):
        starter.create(project=three.project, by=three.consultant, slug="no-such-thing", language="en")
    assert Document.objects.count() == 1


def test_a_document_that_exists_gets_the_text_of_a_model_once(three):
    document = make_document(three.project, three.consultant, kind="policy", title="Our policy")
    revision = starter.begin(document=document, by=three.consultant, slug="quality-policy", language="en")

    assert revision.number == 1 and "quality" in revision.body.casefold() and ticked(revision)
    with pytest.raises(RuleBroken):
        starter.begin(document=document, by=three.consultant, slug="quality-policy", language="en")


def test_a_failure_on_the_way_leaves_nothing_behind(three, monkeypatch):
    def fail(*args, **kwargs):
        raise RuleBroken("No.")

    monkeypatch.setattr(commitment, "put", fail)
    with pytest.raises(RuleBroken):
        integrated(three)

    assert not Document.objects.exists() and not Revision.objects.exists()


def test_models_know_what_the_project_has_already(three):
    document, _revision = integrated(three)

    found = {one.starter.slug: one for shelf in models.shelves(three.project, "en") for one in shelf.models}
    assert [one.document for one in found["integrated-policy"].here] == [document] and found[
        "integrated-policy"
    ].is_here
    assert [one.document for one in found["quality-policy"].here] == [document] and not found["quality-policy"].is_here
    assert found["supplier-procedure"].here == []
    others = {one.starter.slug for shelf in models.shelves(three.project, "en") for one in shelf.others}
    assert {"ohs-policy", "business-continuity-policy"} <= others


def test_the_language_offered_first_is_that_of_most_people(three):
    assert models.usual_language(three.project) == "en"
    for person in (three.boss, three.owner, three.staff, three.auditor):
        person.language = "fr"
        person.save(update_fields=["language"])

    assert models.usual_language(three.project) == "fr"


# ---- placeholders ------------------------------------------------------------------------------------------------


def test_unfilled_placeholders_block_the_request_each_with_its_line_and_the_editor(three, scope):
    document, revision = integrated(three)
    subject = subjects.of("document")

    found = subject.obstacles(documents.load(three.project, document.pk))
    line = 1 + revision.body[: revision.body.index("{{scope}}")].count("\n")
    told = [one for one in found if "{{scope}}" in one]
    assert len(told) == 1 and f"Line {line}" in told[0] and told[0].url.endswith(f"/{document.label}/r1/edit/")
    with pytest.raises(RuleBroken):
        approve(document, by=three.consultant, decider=three.boss)


def test_filling_again_fills_what_has_a_value_by_now_and_nothing_else(three, scope):
    _document, revision = integrated(three)
    body = revision.body + "\nOwn words {{scope}}, {{nonsense}}, {{#iso_45001}}kept{{/iso_45001}}.\n"
    revision = revisions.save(revision=revision, by=three.consultant, version=revision.version, values={"body": body})
    scope["says"] = "All sites of *Acme*"

    saved, places = starter.fill_again(revision=revision, by=three.consultant, version=revision.version)

    assert places == 2 and "{{scope}}" not in saved.body and r"All sites of \*Acme\*" in saved.body
    assert "{{nonsense}}" in saved.body and "{{#iso_45001}}kept{{/iso_45001}}" in saved.body
    assert starter.fill_again(revision=saved, by=three.consultant, version=saved.version)[1] == 0


def test_filling_again_over_somebody_elses_save_is_refused(three, scope):
    _document, revision = integrated(three)
    revisions.save(revision=revision, by=three.controller, version=revision.version, values={"body": "Other {{scope}}"})
    scope["says"] = "Everything"

    with pytest.raises(StaleRecord) as told:
        starter.fill_again(revision=revision, by=three.consultant, version=revision.version)
    assert told.value.current.body == "Other {{scope}}"
    revision.refresh_from_db()
    assert revision.body == "Other {{scope}}"


def test_a_ticked_sentence_with_a_placeholder_follows_when_that_is_filled(three, scope):
    document = make_document(three.project, three.consultant, kind="policy")
    body = "- We improve what happens within {{scope}} every day.\n"
    revision = make_draft(document, three.consultant, body=body)
    commitment.tick(
        revision=revision, slug="improves-continually", by=three.consultant, version=0,
        sentence="We improve what happens within {{scope}} every day.",
    )  # fmt: skip
    scope["says"] = "both halls"

    starter.fill_again(revision=revision, by=three.consultant, version=revision.version)

    assert ticked(revision) == {"improves-continually": "We improve what happens within both halls every day."}


# ---- ticking -----------------------------------------------------------------------------------------------------


@pytest.fixture
def written(three):
    document = make_document(three.project, three.consultant, kind="policy")
    table = "| What | Who |\n|---|---|\n| We protect the air | all |\n"
    body = f"## Promise\n\nWe improve **continually**. We keep\nthe law we know.\n\n{table}"
    three.document, three.revision = document, make_draft(document, three.consultant, body=body)
    return three


def tick(written, sentence, version=0, by=None, slug="improves-continually"):
    return commitment.tick(
        revision=written.revision, slug=slug, sentence=sentence, version=version, by=by or written.consultant
    )


@pytest.mark.parametrize(
    "sentence",
    ["We improve **continually**.", "We improve continually.", "  We keep the\n law we know.  ", "We protect the air"],
)
def test_a_sentence_counts_as_it_is_typed_and_as_it_is_read(written, sentence):
    tick(written, sentence)

    line = checklists.line_of(written.revision, "improves-continually")
    assert line.is_covered and not line.is_gone and "*" not in line.sentence
    entry = JournalEntry.objects.get(action="document.commitment_ticked")
    assert entry.changes["sentence"] == ["", sentences.one_line(sentence)] and entry.changes["revision"] == 1


@pytest.mark.parametrize(
    "sentence", ["We improve constantly.", "e improve continually", "We improve", "", "law we know. We protect the air"]
)
def test_a_sentence_that_is_not_in_the_text_word_for_word_is_refused(written, sentence):
    with pytest.raises(RuleBroken):
        tick(written, sentence)
    assert not CommitmentTick.objects.exists() and not JournalEntry.objects.filter(action__contains="tick").exists()


def test_when_the_text_changes_a_tick_shows_that_its_sentence_is_gone(written):
    tick(written, "We improve continually.")
    revisions.save(revision=written.revision, by=written.consultant, version=1, values={"body": "We rest on laurels."})
    written.revision.refresh_from_db()

    line = checklists.line_of(written.revision, "improves-continually")
    assert line.is_gone and not line.is_covered and line.sentence == "We improve continually."
    revisions.save(
        revision=written.revision, by=written.consultant, version=2, values={"body": "We improve continually."}
    )
    written.revision.refresh_from_db()
    assert checklists.line_of(written.revision, "improves-continually").is_covered


def test_the_second_of_two_who_tick_is_told_and_nothing_is_lost(written):
    tick(written, "We improve continually.")

    with pytest.raises(StaleRecord) as told:
        tick(written, "We keep the law we know.", by=written.controller)
    assert told.value.current.sentence == "We improve continually."
    taken = commitment.take_back(
        revision=written.revision, slug="improves-continually", version=1, by=written.consultant
    )
    assert (taken.sentence, taken.version) == ("", 2)
    with pytest.raises(StaleRecord):
        tick(written, "We keep the law we know.", version=0)
    assert tick(written, "We keep the law we know.", version=2).version == 3


def test_ticking_needs_the_right_to_write_and_a_commitment_that_is_asked_for(written):
    for person in (written.staff, written.boss, written.auditor, written.owner):
        with pytest.raises(NotPermitted):
            tick(written, "We improve continually.", by=person)
    for slug in ("no-such-thing", "removes-hazards"):
        with pytest.raises(RuleBroken):
            tick(written, "We improve continually.", slug=slug)
    assert not CommitmentTick.objects.exists()


def test_ticking_voids_no_request_and_makes_no_approval_stale(written):
    from approvals.selectors.approval import standing_of
    from approvals.services import request as requests

    asked = requests.ask(kind="document", project=written.project, pk=written.document.pk, by=written.consultant,
                         steps=[requests.Planned([written.boss])])  # fmt: skip
    tick(written, "We improve continually.")
    asked.refresh_from_db()
    assert asked.is_open

    from approvals.services import decision

    decision.decide(approval=asked, by=written.boss, decision="approved", digest=asked.content.digest,
                    proof=decision.Proof("password"))  # fmt: skip
    commitment.take_back(revision=written.revision, slug="improves-continually", version=1, by=written.consultant)
    assert standing_of("document", documents.load(written.project, written.document.pk)).is_approved


def test_ticks_of_the_effective_revision_go_with_their_sentences_into_the_next_draft(written):
    tick(written, "We improve continually.")
    tick(written, "We keep the law we know.", slug="meets-requirements")
    approve(written.document, by=written.consultant, decider=written.boss)

    following = make_draft(written.document, written.consultant, body="We improve continually. We pay taxes.")

    assert ticked(following) == {"improves-continually": "We improve continually."}
    assert len(ticked(written.revision)) == 2


def test_a_superseded_revision_keeps_its_checklist_as_it_was(written):
    approve(written.document, by=written.consultant, decider=written.boss)
    make_draft(written.document, written.consultant, body="Something else entirely here.")
    approve(written.document, by=written.consultant, decider=written.boss)

    with pytest.raises(RuleBroken):
        tick(written, "We improve continually.")


def test_which_policies_have_which_checklist(three):
    integrated_policy, _revision = integrated(three)
    quality = starter.create(project=three.project, by=three.consultant, slug="quality-policy", language="en")
    topic = starter.create(project=three.project, by=three.consultant, slug="acceptable-use-policy", language="en")
    blank = make_document(three.project, three.consultant, kind="policy")
    procedure = make_document(three.project, three.consultant)

    assert sorted(checklists.standards_of(integrated_policy)) == sorted(THREE)
    assert checklists.standards_of(quality) == ["ISO 9001:2026"]
    assert checklists.standards_of(topic) == [] == checklists.standards_of(procedure)
    assert sorted(checklists.standards_of(blank)) == sorted(THREE)
    assert checklists.checklist(topic.revisions.get()) is None


def test_what_is_not_covered_is_a_note_and_forbids_nothing(written):
    assert len(checklists.notes(written.document, written.revision)) == 1
    tick(written, "We improve continually.")
    n = len(commitments.rows(THREE)) - 1
    with translation.override("en"):
        assert (
            f"{n} commitments that the standards ask for are not covered"
            in checklists.notes(written.document, written.revision)[0]
        )
    assert approve(written.document, by=written.consultant, decider=written.boss).edition == 1


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_ticked_stands_in_the_text_as_offered_or_read(written, seed):
    """Property: each sentence that is offered is taken, and each that is taken stands in the text word for word."""
    chance = random.Random(seed)  # noqa: S311
    models_of = starters.every(chance.choice(starters.LANGUAGES))
    body = starters.drafted(chance.choice(models_of), written.project).body
    lines = body.splitlines(keepends=True)
    chance.shuffle(lines)
    body = "".join(lines)
    revision = revisions.save(revision=written.revision, by=written.consultant, version=1, values={"body": body})
    offered = [one for part in sentences.offered(sentences.blocks(body)) for one in part.sentences]
    assert offered, f"seed {seed}"

    version = 0
    for sentence in chance.sample(offered, min(5, len(offered))):
        for said in (sentence, sentences.read(sentence)):
            written.revision = revision
            found = tick(written, said, version=version)
            version = found.version
            text = " ".join(body.split()), " ".join(" ".join(b.read for b in sentences.blocks(body)).split())
            assert any(found.sentence in one for one in text), f"seed {seed}: {said}"
    words = offered[0].split()
    chance.shuffle(words)
    if " ".join(words) != offered[0] and not sentences.stands_in(" ".join(words), sentences.blocks(body)):
        with pytest.raises(RuleBroken):
            tick(written, " ".join(words), version=version)


def test_filling_keeps_what_a_text_says_of_a_placeholder_in_order(three):
    values = filling.Values(three.project, "en")
    assert starter.filled("no braces", values) == ("no braces", 0)
    assert starter.filled("{{ project }} x {{project}}", values)[1] == 2

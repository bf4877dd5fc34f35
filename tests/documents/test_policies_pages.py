"""The pages of drafting and of the checklist: six questions each, what is kept of what was typed, and their budgets."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from documents.models import CommitmentTick, Document
from documents.services import commitment, starter
from documents.services import revision as revisions
from pdca.models import Standard
from projects import gates
from projects.models import PlanStep
from projects.permissions import Role
from tests.factories.documents import approve, make_document
from tests.factories.projects import full_catalogue, grant, make_project, make_step, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
THREE = ["ISO 9001:2026", "ISO 14001:2026", "ISO/IEC 27001:2022"]


@pytest.fixture
def office(here):
    full_catalogue()
    here.project.standards.add(*Standard.objects.filter(code__in=THREE))
    here.stranger = make_user(name="Sten")
    grant(here.stranger, Role.PROJECT_MANAGER, make_project())

    def client(who):
        found = Client()
        found.force_login(getattr(here, who))
        return found

    def url(name, **kwargs):
        return reverse(f"documents:{name}", kwargs={**here.project.address, **kwargs})

    here.client, here.url = client, url
    return here


@pytest.fixture
def drafted(office):
    """A project with the integrated policy in draft."""
    office.policy = starter.create(
        project=office.project, by=office.consultant, slug="integrated-policy", language="en"
    )
    office.revision = office.policy.revisions.get()
    office.revision.document, office.revision.project = office.policy, office.project
    office.at = {"number": office.policy.label, "revision": 1}
    return office


def text(answer):
    return answer.content.decode()


PAGES = [
    ("starter-list", {}), ("starter-detail", {"slug": "integrated-policy"}), ("document-starters", {"number": "D-001"}),
    ("document-starter", {"number": "D-001", "slug": "quality-policy"}),
    ("revision-placeholders", {"number": "D-001", "revision": 1}),
    ("revision-commitment", {"number": "D-001", "revision": 1, "slug": "improves-continually"}),
]  # fmt: skip


# ---- six questions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kwargs"), PAGES)
def test_who_may_open_what(drafted, name, kwargs):
    address = drafted.url(name, **kwargs)
    other = 200 if name.startswith("starter") else 403  # a process owner drafts, but not in somebody else's document

    for who, wanted in (
        ("consultant", 200), ("controller", 200), ("owner", other), ("boss", 403), ("staff", 403), ("stranger", 404),
    ):  # fmt: skip
        assert drafted.client(who).get(address).status_code == wanted, who
    before = Document.objects.count(), CommitmentTick.objects.filter(sentence="").count()
    for who, wanted in (("boss", 403), ("staff", 403), ("stranger", 404)):
        assert drafted.client(who).post(address, {"title": "Foul", "version": 1}).status_code == wanted
    assert (Document.objects.count(), CommitmentTick.objects.filter(sentence="").count()) == before
    assert drafted.client("consultant").put(address).status_code == 405
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [("starter-detail", {"slug": "no-such-model"}), ("document-starters", {"number": "D-999"}),
     ("document-starter", {"number": "D-001", "slug": "no-such-model"}),
     ("revision-placeholders", {"number": "D-001", "revision": 9}),
     ("revision-commitments", {"number": "D-001", "revision": 9}),
     ("revision-commitment", {"number": "D-001", "revision": 1, "slug": "removes-hazards"}),
     ("revision-commitment", {"number": "D-001", "revision": 1, "slug": "no-such-thing"})],
)  # fmt: skip
def test_what_is_not_there_is_not_found(drafted, name, kwargs):
    assert drafted.client("consultant").get(drafted.url(name, **kwargs)).status_code == 404


def test_the_checklist_is_read_by_who_sees_documents_and_ticked_by_who_writes(drafted):
    address = drafted.url("revision-commitments", **drafted.at)

    for who, wanted in (("consultant", 200), ("boss", 200), ("auditor", 200), ("staff", 403), ("stranger", 404)):
        answer = drafted.client(who).get(address)
        assert answer.status_code == wanted, who
        if wanted == 200:
            assert ("Another sentence" in text(answer)) == (who == "consultant") == ("Take back" in text(answer))
    assert drafted.client("consultant").post(address).status_code == 405
    procedure = make_document(drafted.project, drafted.consultant)
    revisions.start(document=procedure, by=drafted.consultant)
    other = drafted.url("revision-commitments", number=procedure.label, revision=1)
    assert drafted.client("consultant").get(other).status_code == 404


# ---- models ------------------------------------------------------------------------------------------------------


def test_the_list_leads_to_the_integrated_policy_first_and_then_shows_it(office):
    page = text(office.client("consultant").get(office.url("starter-list")))
    assert "Draft the integrated policy" in page and "One policy for all 3 standards" in page
    assert "0 of" in page and "Internal audit procedure" in page and "serves the same" not in page

    policy = starter.create(project=office.project, by=office.consultant, slug="integrated-policy", language="en")
    page = text(office.client("consultant").get(office.url("starter-list")))
    assert "Draft the integrated policy" not in page and policy.get_absolute_url() in page and "serves the same" in page


def test_the_language_is_kept_from_the_list_to_the_draft(office):
    page = text(office.client("consultant").get(office.url("starter-list") + "?language=de"))
    address = office.url("starter-detail", slug="integrated-policy") + "?language=de"
    assert address in page and "English only" in page

    preview = text(office.client("consultant").get(address))
    assert "Fortlaufend" in preview or "fortlaufend" in preview
    answer = office.client("consultant").post(address, {"title": "Unsere Politik", "owner": "", "once": "a1"})
    made = Document.objects.get()
    assert answer.status_code == 303 and (made.language, made.title, made.owner) == (
        "de",
        "Unsere Politik",
        office.consultant,
    )
    assert answer["Location"] == office.url("revision-edit", number="D-001", revision=1)
    assert text(office.client("consultant").get(office.url("starter-list") + "?language=<x>")).count("<mark") == 0


def test_sent_twice_it_makes_one_document(office):
    address = office.url("starter-detail", slug="supplier-procedure")
    client = office.client("consultant")

    first, second = (client.post(address, {"title": "Suppliers", "once": "same"}) for _ in range(2))

    assert first["Location"] == second["Location"] and Document.objects.count() == 1


def test_the_preview_marks_what_is_missing_and_says_where_it_comes_from(office):
    page = text(office.client("consultant").get(office.url("starter-detail", slug="integrated-policy")))

    assert '<mark class="unfilled">{{role:project_manager}}</mark>' in page
    assert "The names of those who hold this role in the project" in page and "Nobody holds this role" in page
    assert reverse("projects:team", kwargs=office.project.address) in page
    assert "standard by standard" in page and "POL-001" in page
    assert not Document.objects.exists()


def test_a_name_with_marks_is_shown_as_the_name_it_is(office):
    office.project.organization.name = "<b>{{scope}}</b> & *Co*"
    office.project.organization.save()

    page = text(office.client("consultant").get(office.url("starter-detail", slug="integrated-policy")))
    assert "<b>{{scope}}" not in page and "&lt;b&gt;" in page and "*Co*" in page


def test_an_owner_from_elsewhere_or_an_empty_title_is_refused_with_what_was_typed(office):
    address = office.url("starter-detail", slug="supplier-procedure")

    answer = office.client("consultant").post(address, {"title": "Kept words", "owner": str(office.stranger.pk)})
    assert answer.status_code == 422 and "Kept words" in text(answer)
    assert office.client("consultant").post(address, {"title": ""}).status_code == 422
    assert not Document.objects.exists()


def test_a_registered_document_begins_with_a_model(office):
    document = make_document(office.project, office.owner, title="Suppliers")
    client = office.client("owner")
    page = text(client.get(office.url("document-starters", number=document.label)))
    address = office.url("document-starter", number=document.label, slug="supplier-procedure")
    assert address in page and "Suppliers" in page

    answer = client.post(address, {"once": "x"})
    assert answer.status_code == 303 and answer["Location"] == office.url("revision-edit", number="D-001", revision=1)
    again = client.post(address, {"once": "y"})
    assert again.status_code == 422 and "on its way already" in text(again) and document.revisions.count() == 1


# ---- placeholders ------------------------------------------------------------------------------------------------


def test_what_is_left_is_listed_and_filled_again_from_the_project(drafted):
    address, client = drafted.url("revision-placeholders", **drafted.at), drafted.client("consultant")
    page = text(client.get(address))
    assert "{{role:project_manager}}" in page and "Nobody holds this role" in page

    grant(drafted.controller, Role.PROJECT_MANAGER, drafted.project)
    page = text(client.get(address))
    assert "The project says by now:" in page
    answer = client.post(address, {"version": drafted.revision.version})

    drafted.revision.refresh_from_db()
    assert answer.status_code == 303 and "{{role:project_manager}}" not in drafted.revision.body
    assert drafted.controller.name in drafted.revision.body
    late = client.post(address, {"version": drafted.revision.version - 1})
    assert late.status_code == 422 and "in the meantime" in text(late)
    assert client.post(address, {}).status_code == 422


# ---- the checklist -----------------------------------------------------------------------------------------------


def test_a_sentence_is_chosen_or_pasted_and_taken_back(drafted):
    client, slug = drafted.client("consultant"), "improves-continually"
    address = drafted.url("revision-commitment", **drafted.at, slug=slug)
    row = drafted.revision.ticks.get(slug=slug)
    page = text(client.get(address))
    assert "Closest by its words" in page and page.count("checked") >= 1

    other = drafted.revision.ticks.get(slug="meets-requirements").sentence
    answer = client.post(address, {"version": row.version, "choice": other})
    row.refresh_from_db()
    assert answer.status_code == 303 and answer["Location"].endswith(f"#{slug}") and row.sentence == other
    wrong = client.post(address, {"version": row.version, "choice": "paste", "pasted": "Words nobody ever wrote"})
    assert wrong.status_code == 422 and "Words nobody ever wrote" in text(wrong) and "word for word" in text(wrong)
    end = drafted.url("revision-commitment-end", **drafted.at, slug=slug)
    assert client.post(end, {"version": row.version}).status_code == 303
    row.refresh_from_db()
    assert row.sentence == ""
    assert drafted.client("boss").post(end, {"version": row.version}).status_code == 403
    assert client.get(end).status_code == 405


def test_over_somebody_elses_choice_both_are_shown(drafted):
    slug = "improves-continually"
    address = drafted.url("revision-commitment", **drafted.at, slug=slug)
    theirs = drafted.revision.ticks.get(slug="meets-requirements").sentence
    mine = drafted.revision.ticks.get(slug=slug).sentence
    commitment.tick(revision=drafted.revision, slug=slug, sentence=theirs, version=1, by=drafted.controller)

    answer = drafted.client("consultant").post(address, {"version": 1, "choice": mine})
    page = text(answer)

    assert answer.status_code == 422 and "Controller" in page and 'name="version" value="2"' in page
    assert drafted.revision.ticks.get(slug=slug).sentence == theirs
    assert drafted.client("consultant").post(address, {"version": 2, "choice": mine}).status_code == 303


def test_a_gone_sentence_says_so_on_the_page(drafted):
    revisions.save(revision=drafted.revision, by=drafted.consultant, version=drafted.revision.version,
                   values={"body": "Nothing is left of it."})  # fmt: skip

    page = text(drafted.client("auditor").get(drafted.url("revision-commitments", **drafted.at)))
    assert "The sentence is no longer in the text." in page and "0" in page


def test_the_request_shows_uncovered_commitments_and_stops_for_placeholders(drafted):
    address = reverse(
        "approvals:approval-ask", kwargs={**drafted.project.address, "kind": "document", "pk": drafted.policy.pk}
    )
    page = text(drafted.client("consultant").get(address))
    assert "{{role:project_manager}}" in page and drafted.url("revision-edit", **drafted.at) in page

    revisions.save(revision=drafted.revision, by=drafted.consultant, version=drafted.revision.version,
                   values={"body": "We improve continually and gladly."})  # fmt: skip
    page = text(drafted.client("consultant").get(address))
    assert "that the standards ask for are not covered" in page and "Ask for the decision" in page


# ---- in the plan -------------------------------------------------------------------------------------------------


def test_step_1_6_shows_the_policy_and_its_gate_turns_green_with_the_approval(office):
    step = make_step(office.project)
    PlanStep.objects.filter(pk=step.pk).update(code="policy")
    step.refresh_from_db()
    address = reverse("projects:step-detail", kwargs={**office.project.address, "number": step.number})

    def criterion():
        return next(one for one in gates.criteria_of(step) if "policy" in str(one.label))

    assert not criterion().is_met and criterion().url == office.url("starter-list")
    page = text(office.client("consultant").get(address))
    assert "Draft the integrated policy" in page and "The policy is approved" in page
    assert "Draft the integrated policy" not in text(office.client("auditor").get(address))

    topic = starter.create(project=office.project, by=office.consultant, slug="acceptable-use-policy", language="en")
    assert criterion().url == office.url("starter-list"), topic
    policy = starter.create(project=office.project, by=office.consultant, slug="quality-policy", language="en")
    assert "draft" in criterion().reason and criterion().url == policy.get_absolute_url()
    draft = policy.revisions.get()
    revisions.save(revision=draft, by=office.consultant, version=draft.version, values={"body": "We improve it all."})
    approve(policy, by=office.consultant, decider=office.boss)
    assert criterion().is_met and policy.code in text(office.client("auditor").get(address))


def test_a_step_shows_the_models_it_begins_with_to_who_drafts(office):
    step = make_step(office.project)
    PlanStep.objects.filter(pk=step.pk).update(code="internal-audit")
    address = reverse("projects:step-detail", kwargs={**office.project.address, "number": step.number})

    assert office.url("starter-detail", slug="internal-audit-procedure") in text(office.client("owner").get(address))
    assert "Starter models" not in text(office.client("auditor").get(address))


# ---- what it costs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "more", "budget"),
    [("starter-list", {}, 12), ("starter-detail", {"slug": "integrated-policy"}, 20),
     ("revision-placeholders", {"number": "D-001", "revision": 1}, 14),
     ("revision-commitments", {"number": "D-001", "revision": 1}, 14),
     ("revision-commitment", {"number": "D-001", "revision": 1, "slug": "improves-continually"}, 15)],
)  # fmt: skip
def test_a_page_costs_the_same_few_queries_with_many_documents(drafted, name, more, budget):
    client, address = drafted.client("consultant"), drafted.url(name, **more)
    client.get(address)
    with queries(budget) as first:
        client.get(address)

    for slug in ("quality-policy", "information-security-policy", "supplier-procedure", "internal-audit-procedure"):
        for _n in range(3):
            starter.create(project=drafted.project, by=drafted.consultant, slug=slug, language="en")
    with queries(len(first), exactly=True):
        client.get(address)

"""What the standards want in writing: merged into rows, counted as in the crosswalk, with the state computed."""

from __future__ import annotations

import io

import openpyxl
import pytest

from core.rules import RuleBroken
from documents.flows import RevisionStatus
from documents.models import Answer, Revision
from documents.selectors import mandatory as selectors
from documents.services import document as documents
from documents.services import mandatory as services
from pdca.models import MandatoryDocument, MergeGroup, Standard
from pdca.selectors.crosswalk import documents_saving
from projects.flow import NotPermitted
from projects.models import ProjectStandard
from projects.permissions import Role
from tests.factories.documents import make_document, make_draft, make_effective
from tests.factories.projects import full_catalogue, grant, make_project, make_user
from tests.helpers.budget import count_queries, queries

from .test_published import many, of, url

pytestmark = pytest.mark.django_db
SLUGS = ["iso-9001-2026", "iso-14001-2026", "iso-27001-2022"]


@pytest.fixture
def standards(here):
    full_catalogue()
    found = {one.slug: one for one in Standard.objects.filter(is_certifiable=True)}
    chosen = [found[slug] for slug in SLUGS if slug in found]
    assert len(chosen) == 3, sorted(found)
    ProjectStandard.objects.bulk_create(ProjectStandard(project=here.project, standard=one) for one in chosen)
    return chosen


def row_of(here, key):
    return selectors.one(here.project, key)


# ---- counting --------------------------------------------------------------------------------------------------------


def test_the_rows_are_one_for_each_document_that_is_asked_for_and_the_counts_those_of_the_crosswalk(here, standards):
    rows = selectors.rows(here.project)
    figures = selectors.summary(here.project)
    saving = documents_saving(standards)

    assert (figures.separately, figures.together) == (saving.separately, saving.together)
    assert figures.together == sum(row.is_explicit for row in rows) < figures.separately
    assert figures.total == len(rows) == figures.together + figures.customary
    wanted = MandatoryDocument.objects.filter(standard__in=standards)
    assert sorted(item.pk for row in rows for item in row.items) == sorted(wanted.values_list("pk", flat=True))
    assert len({row.key for row in rows}) == len(rows)
    assert selectors.counts_in_words(figures) == f"{saving.together} documents instead of {saving.separately}"


def test_a_merged_row_names_the_clauses_of_every_standard_and_how_it_merges(here, standards):
    policy = row_of(here, "policy")

    assert policy.name == MergeGroup.objects.get(slug="policy").name and policy.is_merged and policy.is_explicit
    assert [one.standard.slug for one in policy.served] == SLUGS
    assert [one.items[0].clause.ref[:3] for one in policy.served] == ["5.2", "5.2", "5.2"]
    assert policy.how == "One document, a section per standard"


def test_what_stays_separate_is_a_row_for_each_standard(here, standards):
    apart = [row for row in selectors.rows(here.project) if row.group is not None and not row.is_merged]

    assert apart
    for row in apart:
        assert len({item.standard_id for item in row.items}) == 1
        assert row.key == f"{row.group.slug}_{row.items[0].standard.slug}" and row.items[0].standard.code in row.name


def test_a_condition_is_said_only_where_nothing_else_asks_for_the_document(here, standards):
    rows = selectors.rows(here.project)

    design = next(row for row in rows if row.key == "design-records")
    assert design.conditions and all(item.condition for item in design.items)
    for row in rows:
        assert bool(row.conditions) == all(item.condition for item in row.items)


def test_a_standard_that_is_removed_takes_its_rows_along_and_leaves_links_unharmed(here, standards):
    security = standards[2]
    alone = next(row for row in selectors.rows(here.project) if {i.standard_id for i in row.items} == {security.pk})
    document = make_document(here.project, here.consultant, title="Kept")
    services.link(document=document, by=here.controller, groups=alone.links[0], items=alone.links[1])
    before = selectors.summary(here.project)

    ProjectStandard.objects.filter(project=here.project, standard=security).delete()

    assert selectors.one(here.project, alone.key) is None
    assert selectors.summary(here.project).separately < before.separately
    assert Answer.objects.filter(document=document).exists()
    client = of(here.controller)
    assert client.get(url("mandatory-list", here.project)).status_code == 200
    assert client.get(url("mandatory-detail", here.project, row=alone.key)).status_code == 404
    assert client.get(document.get_absolute_url()).status_code == 200


# ---- states ----------------------------------------------------------------------------------------------------------


def test_the_state_follows_the_revisions_of_its_documents(here, standards):
    group = MergeGroup.objects.get(slug="policy")

    def state():
        return row_of(here, "policy").state

    assert state() == "missing"
    document = make_document(here.project, here.consultant, kind="policy", groups=[group])
    assert state() == "draft"
    make_draft(document, here.consultant)
    assert state() == "draft"
    Revision.objects.filter(document=document).update(status=RevisionStatus.APPROVED)
    assert state() == "approved"
    Revision.objects.filter(document=document).update(status=RevisionStatus.EFFECTIVE, effective_on="2026-01-05")
    assert state() == "effective"
    make_draft(document, here.consultant)
    assert state() == "effective"  # the next one is being written; this one holds
    documents.withdraw(document=document, by=here.controller, reason="Old")
    assert state() == "missing"


def test_one_effective_document_is_enough_where_several_are_the_row(here, standards):
    group = MergeGroup.objects.get(slug="policy")
    one = make_document(here.project, here.consultant, kind="policy", groups=[group])
    make_effective(one, by=here.consultant, decider=here.boss)
    make_document(here.project, here.consultant, kind="policy", groups=[group])

    row = row_of(here, "policy")

    assert row.state == "effective" and sorted(held.state for held in row.documents) == ["draft", "effective"]


def test_an_item_can_be_answered_for_itself(here, standards):
    row = next(row for row in selectors.rows(here.project) if row.group is None)
    document = make_document(here.project, here.consultant, items=[row.items[0]])

    (held,) = row_of(here, row.key).documents

    assert held.document == document and row_of(here, "policy").documents == []


def test_documents_of_another_project_answer_nothing_here(here, standards):
    other = make_project()
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, other)
    make_document(other, person, groups=[MergeGroup.objects.get(slug="policy")])

    assert row_of(here, "policy").state == "missing"


# ---- linking ---------------------------------------------------------------------------------------------------------


def test_it_is_this_one_adds_to_what_the_document_is_already(here, standards):
    document = make_document(here.project, here.consultant, groups=[MergeGroup.objects.get(slug="policy")])
    item = next(row for row in selectors.rows(here.project) if row.group is None)
    client = of(here.controller)

    for key in ("scope", item.key):
        answer = client.post(url("mandatory-link", here.project, row=key), {"document": document.label})
        assert (answer.status_code, answer["Location"]) == (303, url("mandatory-detail", here.project, row=key))

    said = {(a.group.slug if a.group else None, a.item_id) for a in document.answers.select_related("group")}
    assert said == {("policy", None), ("scope", None), (None, item.items[0].pk)}
    client.post(url("mandatory-unlink", here.project, row="policy"), {"document": document.label})
    assert row_of(here, "policy").documents == [] and row_of(here, "scope").documents[0].document == document


def test_who_may_say_it(here, standards):
    document = make_document(here.project, here.consultant)
    own = make_document(here.project, here.consultant, owner=here.owner)
    post = url("mandatory-link", here.project, row="policy")

    assert of(here.auditor).post(post, {"document": document.label}).status_code == 403
    assert of(here.staff).get(url("mandatory-list", here.project)).status_code == 403
    assert of(here.owner).post(post, {"document": document.label}).status_code == 403
    assert of(here.owner).post(post, {"document": own.label}).status_code == 303
    assert [held.document for held in row_of(here, "policy").documents] == [own]
    with pytest.raises(NotPermitted):
        services.unlink(document=own, by=here.auditor, groups=[MergeGroup.objects.get(slug="policy")])
    offered = of(here.owner).get(url("mandatory-detail", here.project, row="scope")).context["offered"]
    assert list(offered) == [own]


@pytest.mark.parametrize("sent", [{}, {"document": "x"}, {"document": "D-999"}, {"document": "9" * 30}])
def test_nonsense_links_nothing(here, standards, sent):
    assert of(here.controller).post(url("mandatory-link", here.project, row="policy"), sent).status_code == 303
    assert of(here.controller).post(url("mandatory-link", here.project, row="no-such"), sent).status_code == 404
    assert not Answer.objects.exists()


def test_a_document_of_another_project_cannot_be_linked(here, standards):
    other = make_project()
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, other)
    for _k in range(3):
        foreign = make_document(other, person)

    of(here.controller).post(url("mandatory-link", here.project, row="policy"), {"document": foreign.label})

    assert not Answer.objects.exists()


def test_a_link_does_not_void_a_decision_that_is_awaited(here, standards):
    from approvals.models import Approval
    from approvals.services import request as requests

    document = make_document(here.project, here.consultant)
    make_draft(document, here.consultant)
    asked = requests.ask(
        kind="document", project=here.project, pk=document.pk, by=here.consultant, steps=[requests.Planned([here.boss])]
    )

    services.link(document=document, by=here.controller, groups=[MergeGroup.objects.get(slug="policy")])

    assert Approval.objects.get(pk=asked.pk).is_open


# ---- pages -----------------------------------------------------------------------------------------------------------


def test_the_list_offers_to_create_what_is_missing_and_filters(here, standards):
    group = MergeGroup.objects.get(slug="policy")
    make_effective(make_document(here.project, here.consultant, kind="policy", title="Our policy", groups=[group]),
                   by=here.consultant, decider=here.boss)  # fmt: skip
    client, page = of(here.controller), url("mandatory-list", here.project)
    figures = selectors.summary(here.project)

    text = client.get(page).content.decode()

    assert f"{figures.together} documents instead of {figures.separately}" in text
    assert f"{url('document-create', here.project)}?answers=scope" in text and "?answers=policy" not in text
    assert "Our policy" in text
    keys = lambda query: [row.key for row in client.get(page + query).context["rows"]]  # noqa: E731
    assert keys("?state=effective") == ["policy"]
    assert "policy" not in keys("?state=missing") and len(keys("?asked=customary")) == figures.customary
    assert all(any(i.standard.slug == SLUGS[2] for i in row.items)
               for row in client.get(page + f"?standard={SLUGS[2]}").context["rows"])  # fmt: skip
    assert keys("?q=integrated+policy") == ["policy"] and keys("?state=nonsense") == keys("")
    assert "No document matches" in client.get(page + "?q=zebra").content.decode()
    assert url("document-create", here.project) not in of(here.auditor).get(page).content.decode()


def test_create_it_fills_the_form_of_the_register(here, standards):
    row = next(row for row in selectors.rows(here.project) if row.group is None)

    form = of(here.controller).get(f"{url('document-create', here.project)}?{row.presets}").content.decode()

    assert row.name.replace("'", "&#x27;") in form


def test_the_spreadsheet_holds_the_filtered_rows(here, standards):
    answer = of(here.auditor).get(url("mandatory-export", here.project) + "?q=integrated+policy")

    _head, line = openpyxl.load_workbook(io.BytesIO(answer.content)).active.values
    assert line[0] == row_of(here, "policy").name and line[1] == "Missing"
    assert "ISO 9001:2026: 5.2" in line[3] and "ISO/IEC 27001:2022: 5.2" in line[3]


def test_without_a_standard_the_page_says_what_to_do(here):
    text = of(here.consultant).get(url("mandatory-list", here.project)).content.decode()

    assert "The project has no standard yet" in text and "Choose the standards" in text


def test_the_pages_cost_the_same_with_three_thousand_documents_and_every_row_answered(here, standards):
    client = of(here.controller)
    make_draft(
        make_document(here.project, here.consultant, groups=[MergeGroup.objects.get(slug="policy")]), here.consultant
    )
    pages = [url("mandatory-list", here.project), url("mandatory-detail", here.project, row="policy")]
    few = []
    for page in pages:
        client.get(page)
        with queries(12) as sent:
            client.get(page)
        few.append(len(sent))
    with queries(4):
        selectors.summary(here.project)

    made = many(here, 3_000)
    groups = {row.key: row.links for row in selectors.rows(here.project)}
    Answer.objects.bulk_create(
        Answer(document=document, group=links[0][0]) if links[0] else Answer(document=document, item=links[1][0])
        for document, links in zip(made, groups.values(), strict=False)
    )

    assert [count_queries(lambda p=page: client.get(p)) for page in pages] == few
    assert selectors.summary(here.project).effective == len(groups)


def test_two_links_to_one_document_are_both_kept(here, standards):
    document = make_document(here.project, here.consultant)
    seen_by_both = type(document).objects.get(pk=document.pk)

    services.link(document=document, by=here.controller, groups=[MergeGroup.objects.get(slug="policy")])
    services.link(document=seen_by_both, by=here.consultant, groups=[MergeGroup.objects.get(slug="scope")])

    assert set(document.answers.values_list("group__slug", flat=True)) == {"policy", "scope"}
    with pytest.raises(RuleBroken):
        documents.change(document=seen_by_both, by=here.controller, version=1, values={"title": "Foul"})

"""Evidence as one component: a sort of record of its own, citing, the panel, and files that nobody may hand in."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.template import Context, Template
from django.test import RequestFactory

from core.rules import RuleBroken
from projects import access, evidencing, flow, journal_words
from projects.evidencing import Citable, Target
from projects.models import Evidence, JournalEntry, PlanActivity, Task
from projects.permissions import Perm, perms_of
from projects.selectors import changes
from projects.selectors import evidence as selectors
from projects.services import evidence as services
from tests.factories.projects import make_task
from tests.helpers import stores
from tests.helpers.bad_files import BAD_FILES, PDF, BadFile
from tests.helpers.budget import count_queries

KIND = "projects.planactivity"
PAPER = "projects.task"


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(params=stores.KINDS)
def either_store(request, settings, tmp_path):
    with stores.use(request.param, settings, tmp_path):
        yield


@pytest.fixture
def register():
    """A register that hung itself up: activities, added to by who may decide, managed by who edits the plan."""

    def load(project, pk):
        found = PlanActivity.objects.filter(project=project, pk=pk).first()
        if found is not None:
            found.project = project
        return found

    def may(perm):
        return lambda record, user: perm in access.perms_in(user, record.project)

    told = {}
    evidencing.targets.register(
        Target(
            KIND, load=load, may_see=may(Perm.VIEW_PROJECT), may_add=may(Perm.COMPLETE_ACTIVITIES),
            may_manage=may(Perm.EDIT_PLAN), url=lambda record: record.get_absolute_url(),
            label=lambda record: f"Activity {record.number}", count=lambda record, n: told.update({record.pk: n}),
        )
    )  # fmt: skip
    yield told
    evidencing.targets.remove(KIND)


@pytest.fixture
def papers():
    """Something that can be cited, as documents will be: tasks, in force until they are called superseded."""

    def of(project, user):
        sees = Perm.VIEW_PROJECT in access.perms_in(user, project)
        return Task.objects.filter(project=project).order_by("pk") if sees else Task.objects.none()

    def words(paper):
        return f"{paper.label} {paper.title}, revision {paper.version}"

    evidencing.citable.register(
        Citable(
            PAPER, "Paper", words=words, url=lambda paper: f"/paper/{paper.pk}/",
            find=lambda project, user, text: of(project, user).filter(title__icontains=text, description=""),
            load=lambda project, user, pks: of(project, user).in_bulk(list(pks)),
            state=lambda paper: ("open", "Superseded") if paper.description else None,
            refusal=lambda paper: f"{words(paper)} is not in force. Cite one that is." if paper.description else "",
        )
    )  # fmt: skip
    yield
    evidencing.citable.remove(PAPER)


def adding(crew, record):
    return crew.url("evidence-add", kind=evidencing.kind_of(record), target=record.pk)


def asked_by(crew, who):
    """A request as the views see it, with the grants already asked."""
    request = RequestFactory().get("/")
    request.user, request.project, request.organization = getattr(crew, who), crew.project, crew.project.organization
    roles = access.roles_of(request.user, crew.project)
    access.remember(request.user, crew.project, roles)
    request.perms_here = perms_of(roles)
    return request


def paper(crew, title="Information security policy", **fields):
    return crew.task(title, **fields)


# ---- any record -------------------------------------------------------------------------------------------------


def test_any_register_that_hangs_itself_up_has_evidence(crew, register):
    activity = crew.activity
    client = crew.client("owner")

    answer = client.post(adding(crew, activity), {"link": "https://a.example/x", "title": "The record"})

    one = Evidence.objects.get()
    assert (answer.status_code, answer.url) == (303, f"{activity.get_absolute_url()}#evidence")
    assert (one.target_kind, one.target_id, one.project, one.organization) == (
        KIND, activity.pk, crew.project, crew.project.organization,
    )  # fmt: skip
    assert register == {activity.pk: 1}
    entry = JournalEntry.objects.get(action="planactivity.evidence_added")
    assert (entry.target_kind, entry.target_id, entry.changes["link"]) == (KIND, activity.pk, "https://a.example/x")
    assert journal_words.verb_of(entry.action) == "added evidence to"
    assert journal_words.verb_of("planactivity.evidence_withdrawn") == "withdrew evidence of"
    assert changes.kind_of(entry.action, entry.changes) == "talk"
    assert changes.kind_of("task.evidence_withdrawn", {}) == "talk"
    page = crew.client("owner").get(adding(crew, activity)).content.decode()
    assert "The record" in page and f"Activity {activity.number}" in page


def test_the_same_key_of_another_sort_of_record_shows_nothing_of_it(crew, register):
    activity = crew.activity
    task = make_task(crew.project, pk=activity.pk)
    services.add_link(record=activity, link="https://activity.example", by=crew.owner)
    services.add_link(record=task, link="https://task.example", by=crew.manager)

    assert [one.link for one in selectors.of(activity)] == ["https://activity.example"]
    assert [one.link for one in selectors.of(task)] == ["https://task.example"]
    task.refresh_from_db()
    assert (task.evidence_count, register) == (1, {activity.pk: 1})


def test_the_register_says_who_sees_adds_and_withdraws(crew, register):
    activity = crew.activity
    one = services.add_file(record=activity, upload=SimpleUploadedFile("a.pdf", PDF), by=crew.owner)
    read, leave = crew.url("evidence-file", pk=one.pk), crew.url("evidence-withdraw", pk=one.pk)

    #                  reads, adds, withdraws what the owner added
    for who, wanted in {
        "owner": (200, 200, 200), "manager": (200, 200, 200), "auditor": (200, 403, 403), "certifier": (200, 403, 403),
        "staff": (404, 404, 404), "stranger": (404, 404, 404),
    }.items():  # fmt: skip
        client = crew.client(who)
        assert tuple(client.get(url).status_code for url in (read, adding(crew, activity), leave)) == wanted, who
    for who in ("auditor", "staff", "stranger"):
        with pytest.raises(flow.NotPermitted):
            services.add_link(record=activity, link="https://a.example", by=getattr(crew, who))
    for who in ("auditor", "staff", "stranger"):
        with pytest.raises(flow.NotPermitted):
            services.withdraw(evidence=one, reason="x", by=getattr(crew, who))
    managers = services.add_link(record=activity, link="https://m.example", by=crew.manager)
    assert crew.client("owner").get(crew.url("evidence-withdraw", pk=managers.pk)).status_code == 403
    with pytest.raises(flow.NotPermitted):
        services.withdraw(evidence=managers, reason="x", by=crew.owner)
    assert Evidence.objects.filter(withdrawn_at=None).count() == 2


def test_whether_one_may_is_asked_of_the_record_as_it_is_now(crew):
    """The record is read again under the lock: a task that was given to somebody else meanwhile takes nothing more."""
    task = crew.task(assignee=crew.staff)
    one = services.add_link(record=task, link="https://a.example", by=crew.staff)
    Task.objects.filter(pk=task.pk).update(assignee=crew.owner)

    with pytest.raises(flow.NotPermitted):
        services.add_link(record=task, link="https://b.example", by=crew.staff)
    with pytest.raises(flow.NotPermitted):
        services.withdraw(evidence=one, reason="x", by=crew.staff)

    assert Evidence.objects.get().withdrawn_at is None


def test_evidence_of_a_sort_that_is_no_longer_installed_is_kept_and_shown_to_nobody(crew, register):
    one = services.add_file(record=crew.activity, upload=SimpleUploadedFile("a.pdf", PDF), by=crew.owner)
    evidencing.targets.remove(KIND)

    assert crew.client("manager").get(crew.url("evidence-file", pk=one.pk)).status_code == 404
    assert services.is_named(crew.project.organization_id, one.sha256)


def test_a_record_holds_only_so_much(crew, monkeypatch):
    monkeypatch.setattr(services, "MOST", 2)
    task = crew.task()
    for n in range(2):
        services.add_link(record=task, link=f"https://a.example/{n}", by=crew.manager)

    with pytest.raises(RuleBroken, match="at most 2 pieces"):
        services.add_link(record=task, link="https://a.example/3", by=crew.manager)

    assert Evidence.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"link": "https://a.example", "sha256": "a" * 64},
        {"link": "https://a.example", "cited_kind": PAPER, "cited_id": 1, "cited_as": "A paper"},
        {"sha256": "a" * 64, "cited_kind": PAPER, "cited_id": 1, "cited_as": "A paper"},
        {"cited_kind": PAPER, "cited_id": 1},
        {"cited_kind": PAPER, "cited_as": "A paper"},
        {"cited_id": 1, "cited_as": "A paper"},
        {"link": "https://a.example", "cited_as": "A paper"},
        {"sha256": "a" * 64, "cited_id": 1},
    ],
    ids=lambda wrong: "+".join(wrong) or "nothing",
)
def test_the_database_takes_exactly_one_of_file_link_and_citation(crew, wrong):
    task = crew.task()
    own = {"organization": crew.project.organization, "project": crew.project, "added_by": crew.manager}
    for right in ({"link": "https://a.example"}, {"sha256": "a" * 64},
                  {"cited_kind": PAPER, "cited_id": 1, "cited_as": "A paper"}):  # fmt: skip
        Evidence.objects.create(**own, target_kind="projects.task", target_id=task.pk, title="x", **right)

    with pytest.raises(IntegrityError, match="evidence_file_link_or_cited"), transaction.atomic():
        Evidence.objects.create(**own, target_kind="projects.task", target_id=task.pk, title="x", **wrong)


# ---- citing -----------------------------------------------------------------------------------------------------


def test_a_document_is_found_cited_and_its_words_stay_for_ever(crew, papers):
    task, cited_paper = crew.task(assignee=crew.owner), paper(crew)
    client = crew.client("manager")

    found = client.get(adding(crew, task), {"q": "security pol"}).content.decode()
    assert f'name="cited" value="{PAPER}:{cited_paper.pk}"' in found
    answer = client.post(adding(crew, task), {"cited": f"{PAPER}:{cited_paper.pk}"})

    words = f"{cited_paper.label} Information security policy, revision {cited_paper.version}"
    one = Evidence.objects.get()
    assert (answer.status_code, one.cited_as, one.title, one.is_citation) == (303, words, words, True)
    assert JournalEntry.objects.get(action="task.evidence_added").changes["cited"] == words
    assert Task.objects.get(pk=task.pk).evidence_count == 1
    Task.objects.filter(pk=cited_paper.pk).update(title="Called otherwise", description="superseded")
    page = client.get(task.get_absolute_url()).content.decode()
    assert words in page and "Superseded" in page and f'href="/paper/{cited_paper.pk}/"' in page
    assert "Called otherwise" not in page


def test_who_may_not_open_the_document_reads_its_words_without_a_link(crew, papers):
    task, cited_paper = crew.task(assignee=crew.staff), paper(crew)
    services.cite(record=task, kind=PAPER, pk=cited_paper.pk, by=crew.manager)

    page = crew.client("staff").get(task.get_absolute_url()).content.decode()

    assert "Information security policy, revision" in page and "/paper/" not in page
    found = crew.client("staff").get(adding(crew, task), {"q": "policy"}).content.decode()
    assert 'name="cited"' not in found and "Nothing that could be cited fits these words." in found


def test_what_cannot_be_cited_says_why_and_leaves_nothing(crew, papers):
    task = crew.task()
    other, theirs = paper(crew, description="superseded"), make_task(crew.other)
    client = crew.client("manager")

    for cited, words in {
        f"{PAPER}:{other.pk}": "is not in force. Cite one that is.",
        f"{PAPER}:{theirs.pk}": "There is nothing of this number that you could cite.",
        f"{PAPER}:{10**17}": "There is nothing of this number that you could cite.",
        "projects.project:1": "This cannot be cited as evidence.",
        f"{PAPER}:x": "Choose one of the records that were found.",
        "": "Choose one of the records that were found.",
        "x" * 200: "Choose one of the records that were found.",
    }.items():
        answer = client.post(adding(crew, task), {"cited": cited})
        assert (answer.status_code, words in unescape(answer.content.decode())) == (422, True), cited

    assert not Evidence.objects.exists()


def test_the_same_document_is_cited_once_until_it_is_withdrawn(crew, papers):
    task, cited_paper = crew.task(), paper(crew)
    one = services.cite(record=task, kind=PAPER, pk=cited_paper.pk, by=crew.manager)

    with pytest.raises(RuleBroken, match="is cited here already"):
        services.cite(record=task, kind=PAPER, pk=cited_paper.pk, by=crew.manager)
    assert list(selectors.citing(PAPER, [cited_paper.pk])) == [one]
    services.withdraw(evidence=one, reason="The wrong one", by=crew.manager)

    assert list(selectors.citing(PAPER, [cited_paper.pk])) == []
    services.cite(record=task, kind=PAPER, pk=cited_paper.pk, by=crew.manager)
    assert Task.objects.get(pk=task.pk).evidence_count == 1


def test_a_citation_outlives_the_app_it_came_from(crew, papers, monkeypatch):
    monkeypatch.setattr(evidencing.citable, "_kinds", {PAPER: evidencing.citable.of(PAPER)})
    task, cited_paper = crew.task(), paper(crew)
    services.cite(record=task, kind=PAPER, pk=cited_paper.pk, by=crew.manager)
    evidencing.citable.remove(PAPER)

    page = crew.client("manager").get(task.get_absolute_url()).content.decode()

    assert "Information security policy, revision" in page and "/paper/" not in page
    assert 'id="evidence_q"' not in page


# ---- the panel --------------------------------------------------------------------------------------------------


def test_the_panel_shows_what_size_which_content_who_and_when_and_folds_what_was_withdrawn(crew):
    task = crew.task()
    one = services.add_file(record=task, upload=SimpleUploadedFile("Plan.pdf", PDF), title="The plan", by=crew.manager)
    gone = services.add_link(record=task, link="https://old.example", by=crew.manager)
    services.withdraw(evidence=gone, reason="Moved away", by=crew.manager)

    page = Template("{% load evidence %}{% evidence_panel task %}").render(
        Context({"request": asked_by(crew, "auditor"), "task": task})
    )

    valid, folded = page.split('<details class="withdrawn">')
    assert "The plan" in valid and f"Plan.pdf, {len(PDF)}\xa0bytes, Mia Manager" in valid
    assert f"SHA-256 {one.sha256[:12]}…" in valid and f'title="SHA-256 {one.sha256}"' in valid
    assert "old.example" not in valid and "1 piece withdrawn" in folded and "Moved away" in folded
    assert "https://old.example" not in folded and "<form" not in page
    managed = Template("{% load evidence %}{% evidence_panel task %}").render(
        Context({"request": asked_by(crew, "manager"), "task": task})
    )
    assert 'href="https://old.example"' in managed and crew.url("evidence-withdraw", pk=one.pk) in managed


def test_the_panel_takes_two_queries_with_one_and_with_thirty_pieces(crew, papers):
    """One for the evidence, one for each sort of record that is cited."""
    few, many = crew.task(), crew.task()
    found_papers = [paper(crew) for _n in range(10)]
    for task, n in ((few, 1), (many, 10)):
        for cited_paper in found_papers[:n]:
            services.cite(record=task, kind=PAPER, pk=cited_paper.pk, by=crew.manager)
            services.add_link(record=task, link="https://a.example", by=crew.manager)
            services.add_file(record=task, upload=SimpleUploadedFile("a.pdf", PDF), by=crew.manager)
    render = Template("{% load evidence %}{% evidence_panel task %}").render

    for who in ("manager", "certifier"):
        counts = [
            count_queries(lambda context=context: render(context))
            for context in [Context({"request": asked_by(crew, who), "task": task}) for task in (few, many)]
        ]
        assert counts == [2, 2], who

    assert selectors.of(many).count() == 30


def test_htmx_puts_the_panel_in_its_place_and_says_so(crew, papers):
    task, cited_paper = crew.task(), paper(crew)
    client, by_htmx = crew.client("manager"), {"headers": {"HX-Request": "true"}}

    added = client.post(adding(crew, task), {"link": "https://a.example", "title": "Minutes"}, **by_htmx)
    text = added.content.decode()
    assert added.status_code == 200 and text.strip().startswith('<section class="panel" id="evidence"')
    assert "Minutes" in text and "The evidence was added." in text and "data-focus" in text
    wrong = client.post(adding(crew, task), {"link": "nowhere", "title": "Typed"}, **by_htmx)
    text = wrong.content.decode()
    assert wrong.status_code == 422 and text.strip().startswith('<section class="panel" id="evidence"')
    assert 'value="Typed"' in text and '<details class="adder" open>' in text
    found = client.get(adding(crew, task), {"q": "security"}, **by_htmx)
    assert found.content.decode().strip().startswith('<div id="evidence-found"')
    assert "HX-Request" in found["Vary"] and f"{PAPER}:{cited_paper.pk}" in found.content.decode()
    cited = client.post(adding(crew, task), {"cited": f"{PAPER}:{cited_paper.pk}"}, **by_htmx)
    assert cited.status_code == 200 and "Information security policy" in cited.content.decode()
    assert Task.objects.get(pk=task.pk).evidence_count == 2


def test_the_buttons_of_what_was_found_each_work_once(crew, papers):
    task = crew.task()
    found_papers = [paper(crew, "Same words") for _n in range(2)]
    rows = selectors.citable(asked_by(crew, "manager"), "Same words")
    client = crew.client("manager")

    for row in [rows[0], rows[1], rows[0]]:
        assert client.post(adding(crew, task), {"cited": row.value, "once": row.once}).status_code == 303

    assert sorted(Evidence.objects.values_list("cited_id", flat=True)) == [
        cited_paper.pk for cited_paper in found_papers
    ]


# ---- files that nobody may hand in ------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_a_bad_file_gets_its_sentence_and_nothing_is_stored(bad: BadFile, crew, settings, either_store):
    bad.prepare(settings)
    task = crew.task(assignee=crew.staff)

    answer = bad.post(crew.client("staff"), adding(crew, task), "file", title="What I typed")

    text = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert bad.sentence in text
    assert 'value="What I typed"' in text
    assert stores.contents() == {}
    assert not Evidence.objects.exists()
    assert not JournalEntry.objects.filter(action__endswith="evidence_added").exists()
    assert Task.objects.get(pk=task.pk).evidence_count == 0


def test_the_same_way_of_posting_hands_in_a_good_file(crew, settings):
    """What the list proves is worth as much as this: sent the same way, a good file is taken."""
    good = BadFile("good", "C:\\Users\\me\\plan.pdf", lambda: PDF, "")
    good.prepare(settings)
    task = crew.task(assignee=crew.staff)

    answer = good.post(crew.client("staff"), adding(crew, task), "file", title="Good")

    assert (answer.status_code, Evidence.objects.get().file_name) == (303, "plan.pdf")

"""The pages of a checklist: at work, saved by script and by plain form, prepared."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from audits.models import Audit, ChecklistLine
from audits.selectors import checklist as selectors
from audits.services import answering
from audits.services import checklist as services
from audits.services import finding as findings
from core import once
from core.models import FormKey
from projects.flow import NotPermitted
from projects.models import Evidence
from projects.services import evidence
from tests.factories.audits import WorkingCast, make_session
from tests.factories.projects import make_user
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def cast(db):
    return WorkingCast()


@pytest.fixture
def home(cast):
    return f"/org/{cast.project.organization.slug}/{cast.project.slug}/audits/AU-001/checklist/"


def test_the_checklist_at_work_for_its_auditors_readers_and_nobody_else(client, cast, home):
    cast.generate()
    client.force_login(cast.lead)
    page = client.get(home)
    text = page.content.decode()
    assert page.status_code == 200
    assert "4 questions instead of 6" in text and "quality wants 4.2." in text
    assert page.context["current"].ref == "4.1" and page.context["may_write"] == "all"
    assert client.get(f"{home}?state=open&chapter=5").context["current"].ref == "5.4"
    assert [line.ref for _share, mine in client.get(f"{home}?standard=safety").context["groups"] for line in mine] == [
        "4.1", "4.2", "5.4"
    ]  # fmt: skip
    client.force_login(cast.outsider)
    page = client.get(home)
    assert page.context["may_write"] == "" and "You read this checklist" in page.content.decode()
    for person, status in ((cast.manager, 403), (cast.auditee, 403), (make_user(), 404)):
        client.force_login(person)
        assert client.get(home).status_code == status
    client.force_login(cast.lead)
    assert client.get(home.replace("AU-001", "AU-099")).status_code == 404
    assert client.get(home.replace("AU-001", "1"))["Location"] == home
    assert client.post(home).status_code == 405


def test_the_page_takes_as_many_queries_for_one_line_as_for_more(client, cast, home):
    client.force_login(cast.lead)
    lines = cast.generate()
    for line in lines[1:]:
        services.remove(line=line, by=cast.lead)
    client.get(home)
    one = count_queries(lambda: client.get(home))
    cast.finding(line=cast.generate()[0])
    assert count_queries(lambda: client.get(home)) == one == 14


def test_a_line_is_saved_by_script_with_the_colleagues_text_on_a_conflict(client, cast, home):
    line = cast.generate()[0]
    client.force_login(cast.lead)
    sent = {"key": "a-browser-1", "version": 1, "result": "conform", "evidence": "Minutes of May"}

    answer = client.post(f"{home}{line.pk}/", sent, **JSON)

    row = answer.json()["row"]
    assert answer.status_code == 200 and (row["version"], row["values"]["result"], row["is_own"]) == (
        2,
        "conform",
        True,
    )
    answering.answer(line=line, by=cast.second, version=2, values={"evidence": "Theirs"})
    stale = client.post(f"{home}{line.pk}/", {"version": 2, "evidence": "Mine", "key": "a-browser-2"}, **JSON)
    assert stale.status_code == 409 and stale.json()["row"]["values"]["evidence"] == "Theirs"
    refused = client.post(f"{home}{line.pk}/", {"version": 3, "result": "not_sampled"}, **JSON)
    assert refused.status_code == 422 and refused.json()["field"] == "not_sampled_because"
    assert client.post(f"{home}{line.pk}/", {"result": "conform"}, **JSON).status_code == 422
    assert client.post(f"{home}999999/", sent, **JSON).status_code == 404
    client.force_login(cast.outsider)
    assert client.post(f"{home}{line.pk}/", {"version": 3, "evidence": "x"}, **JSON).status_code == 403
    assert ChecklistLine.objects.get(pk=line.pk).evidence == "Theirs"


def test_without_scripts_a_line_is_a_plain_form_that_keeps_what_was_typed(client, cast, home):
    first, second, *_rest = cast.generate()
    client.force_login(cast.lead)
    sent = {"version": 1, "result": "conform", "evidence": "Minutes", "sampling": "", "not_sampled_because": ""}

    saved = client.post(f"{home}{first.pk}/?chapter=4", sent | {"next": second.pk})

    assert (saved.status_code, saved["Location"]) == (303, f"{home}?chapter=4&line={second.pk}#line")
    refused = client.post(f"{home}{second.pk}/", {"version": 1, "result": "not_sampled", "evidence": "Typed text"})
    assert refused.status_code == 422 and "Typed text" in refused.content.decode()
    answering.answer(line=second, by=cast.second, version=1, values={"evidence": "Theirs"})
    stale = client.post(f"{home}{second.pk}/", {"version": 1, "evidence": "Mine"})
    text = stale.content.decode()
    assert stale.status_code == 422 and "Theirs" in text and "Mine" in text
    assert client.post(f"{home}{second.pk}/", {"version": 2, "evidence": "Mine"}).status_code == 303
    second.refresh_from_db()
    assert second.evidence == "Mine"


def test_a_photo_is_taken_at_a_line_and_carried_to_the_finding_and_the_nonconformity(client, cast, home):
    line, other, *_rest = cast.generate()
    client.force_login(cast.lead)
    page = client.get(f"{home}?line={line.pk}").content.decode()
    slugs = {**cast.project.address, "kind": "audits.checklistline", "target": line.pk}
    where = reverse("projects:evidence-add", kwargs=slugs)
    assert f'action="{where}"' in page and 'accept=".pdf' in page

    sent = {"once": once.new_key(), "file": SimpleUploadedFile("valve.png", picture()), "title": "The open valve"}
    added = client.post(where, sent)

    assert added["Location"] == f"{home}?line={line.pk}#evidence"
    assert "The open valve" in client.get(added["Location"]).content.decode()
    fragment = client.get(f"{home}{line.pk}/evidence/", headers={"HX-Request": "true"}).content.decode()
    assert "The open valve" in fragment and "<html" not in fragment
    assert (
        "The open valve"
        not in client.get(f"{home}{other.pk}/evidence/", headers={"HX-Request": "true"}).content.decode()
    )
    assert client.get(f"{home}{line.pk}/evidence/")["Location"] == f"{home}?line={line.pk}#evidence"
    line.refresh_from_db()
    assert line.evidence_count == 1 and services.is_touched(line)

    finding = cast.finding(line=line)
    raised = findings.raise_nonconformity(finding=finding, by=cast.lead)

    for record in (finding, raised):
        piece = Evidence.objects.get(target_kind=record._meta.label_lower, target_id=record.pk)
        assert (piece.title, piece.file_name) == ("The open valve", "valve.png")
        record.refresh_from_db()
        assert record.evidence_count == 1


def test_evidence_at_a_line_is_added_by_its_auditors_and_read_by_who_conducts_audits(client, cast, home):
    line = cast.generate()[0]
    evidence.add_link(record=line, link="https://example.org/photo", title="Photo", by=cast.lead)
    panel = {"path": f"{home}{line.pk}/evidence/", "headers": {"HX-Request": "true"}}

    for person, sees, adds in ((cast.second, True, True), (cast.outsider, True, False), (cast.manager, False, False)):
        client.force_login(person)
        page = client.get(**panel)
        assert (page.status_code == 200) == sees
        assert ("Add evidence" in page.content.decode()) == adds
    Audit.objects.filter(pk=cast.audit.pk).update(status="reported")
    client.force_login(cast.lead)
    assert "Add evidence" not in client.get(**panel).content.decode()
    with pytest.raises(NotPermitted):
        evidence.add_link(record=selectors.load(cast.project, line.pk), link="https://example.org/late", by=cast.lead)
    assert client.get(f"{home}999999/evidence/").status_code == 404


def test_an_open_page_hears_what_a_colleague_wrote(client, cast, home):
    line = cast.generate()[0]
    client.force_login(cast.lead)
    moment = client.get(home).context["sheet"]["moment"]
    answering.answer(line=line, by=cast.second, version=1, values={"evidence": "Theirs"})
    news = client.get(f"{home}since/", {"moment": moment}).json()
    told = {row["id"]: row["values"]["evidence"] for row in news["rows"]}
    assert told[line.pk] == "Theirs" and news["token"]
    later = client.get(f"{home}since/", {"moment": "nonsense"}).json()
    assert later["moment"] > moment


def test_a_page_that_sends_a_file_by_itself_is_told_what_became_of_it(client, cast, home):
    line = cast.generate()[0]
    slugs = {**cast.project.address, "kind": "audits.checklistline"}
    where = reverse("projects:evidence-add", kwargs={**slugs, "target": line.pk})
    key = once.new_key()

    def send(**changed):
        sent = {"once": key, "title": "", "file": SimpleUploadedFile("valve.png", picture())} | changed
        return client.post(where, sent, **JSON)

    client.force_login(cast.lead)
    answers = [send() for _n in range(3)]  # the first two answers were lost
    assert [(one.status_code, one.json()) for one in answers] == [(200, {"kept": True})] * 3
    assert FormKey.objects.filter(key=f"{cast.lead.pk}:{key}").count() == 1
    piece = Evidence.objects.get()
    assert (piece.target_id, piece.title, piece.added_by) == (line.pk, "valve.png", cast.lead)

    broken = send(once=once.new_key(), file=SimpleUploadedFile("valve.png", b"no picture"))
    assert broken.status_code == 422 and "valve.png" in broken.json()["error"]
    assert send(once=once.new_key(), file="").status_code == 422
    assert client.post(where.replace(str(line.pk), "999999"), {"once": "x"}, **JSON).status_code == 404
    Audit.objects.filter(pk=cast.audit.pk).update(status="reported")
    late = send(once=once.new_key())
    assert late.status_code == 403 and late.json()["error"].startswith("You may not add evidence to")
    assert send().status_code == 200, "what arrived while it was allowed is kept, whatever happened since"
    client.force_login(cast.outsider)
    assert send().status_code == 403, "the key is another person's"
    client.force_login(make_user())
    assert send().status_code == 404
    assert Evidence.objects.count() == 1


def test_an_open_page_hears_that_a_colleague_attached_something(client, cast, home):
    line = cast.generate()[0]
    client.force_login(cast.lead)
    page = client.get(home).context["sheet"]
    before = {row["id"]: row["files"] for row in page["rows"]}
    ChecklistLine.objects.update(updated_at=timezone.now() - dt.timedelta(hours=1))

    def news():
        rows = client.get(f"{home}since/", {"moment": page["moment"]}).json()["rows"]
        return {row["id"]: row["files"] for row in rows}

    assert news() == {}
    added = evidence.add_link(record=line, link="https://example.org/valve", by=cast.second)
    first = news()
    assert set(first) == {line.pk} and first[line.pk] != before[line.pk]
    evidence.withdraw(evidence=added, reason="Wrong valve", by=cast.second)
    evidence.add_link(record=selectors.load(cast.project, line.pk), link="https://example.org/2", by=cast.second)
    assert news()[line.pk] != first[line.pk], "one piece went, another came: the number is the same"
    line.refresh_from_db()
    assert (line.version, line.evidence_count) == (1, 1)


def test_the_checklist_is_prepared(client, cast, home):
    client.force_login(cast.lead)
    assert "Make it from the criteria" in client.get(f"{home}prepare/").content.decode()
    made = client.post(f"{home}generate/")
    assert made.status_code == 303 and cast.audit.lines.count() == 4
    page = client.get(f"{home}prepare/")
    assert page.status_code == 200 and "4 questions instead of 6" in page.content.decode()
    sent = {"once": page.context["form"].initial["once"], "title": "Who knows the alarm?", "prompts": "Drill\n\nPlan"}
    for _n in range(2):
        assert client.post(f"{home}add/", sent)["Location"] == f"{home}prepare/#own"
    line = cast.audit.lines.get(kind="own")
    assert line.prompts == ["Drill", "Plan"] and cast.audit.lines.count() == 5
    assert client.post(f"{home}add/", {"title": " ", "prompts": "kept"}).status_code == 422
    where = f"{home}question/{line.pk}/"
    assert client.get(where).status_code == 200
    assert client.post(where, {"title": "Who hears it?", "version": 1}).status_code == 303
    stale = client.post(where, {"title": "Mine", "version": 1})
    assert stale.status_code == 422 and "Mine" in stale.content.decode()
    client.post(f"{home}{line.pk}/change/", {"to": "1"})
    assert selectors.lines_of(cast.audit)[0].pk == line.pk
    client.post(f"{home}{line.pk}/change/", {"remove": "1", "to": "1"})
    assert cast.audit.lines.count() == 4
    session = make_session(cast.audit)
    ticked = [line.pk for line in selectors.lines_of(cast.audit)[:2]]
    assert client.post(f"{home}assign/", {"line": ticked, "session": session.pk}).status_code == 303
    assert list(session.lines.order_by("position").values_list("pk", flat=True)) == ticked
    page = client.get(f"{home}?session={session.pk}")
    assert [line.pk for _share, mine in page.context["groups"] for line in mine] == ticked
    client.force_login(cast.outsider)
    assert client.get(f"{home}prepare/").context["form"] is None
    assert client.post(f"{home}generate/").status_code == 403
    assert client.post(f"{home}add/", sent).status_code == 403

"""The pages of nonconformities: reported on a phone, worked, judged; nothing typed is lost, nobody sees too much."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from core import dates
from improvement.models import Nonconformity
from improvement.services import nonconformity as services
from projects.models import Evidence
from projects.permissions import Role
from tests.factories.improvement import bring_to, fresh, let_time_pass, make_nonconformity
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return make_project()


def made(project, role):
    person = make_user(name=str(role.label))
    grant(person, role, project)
    return person


@pytest.fixture
def people(project):
    roles = {"manager": Role.PROJECT_MANAGER, "owner": Role.PROCESS_OWNER, "doer": Role.STAFF, "verifier": Role.AUDITOR}
    return {name: made(project, role) for name, role in roles.items()}


def hands(people):
    return {"by": people["manager"], **{name: people[name] for name in ("owner", "doer", "verifier")}}


def photo():
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "PNG")
    return SimpleUploadedFile("label.png", data.getvalue(), "image/png")


def client_of(person):
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def url(project, name, **more):
    return reverse(f"improvement:nonconformity-{name}", kwargs={**project.address, **more})


def test_staff_report_with_a_photo_and_see_only_their_own(project, people):
    make_nonconformity(project, people["manager"], title="Of somebody else")
    client = client_of(people["doer"])
    answer = client.post(
        url(project, "report"),
        {"title": "The label is gone", "place": "Hall 2", "source": "observation", "detected_on": "",
         "file": photo()},
    )  # fmt: skip
    record = Nonconformity.objects.get(title="The label is gone")
    assert (answer.status_code, answer["Location"]) == (303, record.get_absolute_url())
    assert Evidence.objects.get(target_id=record.pk).file_name == "label.png" and record.evidence_count == 1
    page = client.get(url(project, "list")).content.decode()
    assert "The label is gone" in page and "Of somebody else" not in page
    assert client.get(url(project, "detail", number="NC-001")).status_code == 404
    assert client.get(record.get_absolute_url()).status_code == 200
    assert client.get(url(project, "edit", number=record.label)).status_code == 403


def test_a_refused_file_leaves_no_report_and_keeps_the_text(project, people):
    answer = client_of(people["doer"]).post(
        url(project, "report"),
        {"title": "The label is gone", "source": "observation",
         "file": SimpleUploadedFile("label.exe", b"MZ\x90\x00", "image/png")},
    )  # fmt: skip
    assert answer.status_code == 422 and not Nonconformity.objects.exists()
    assert 'value="The label is gone"' in answer.content.decode()


def test_the_same_report_sent_twice_is_one(project, people):
    client = client_of(people["doer"])
    key = client.get(url(project, "report")).context["form"]["once"].value()
    for _k in range(2):
        client.post(url(project, "report"), {"title": "Twice", "source": "observation", "once": key})
    assert Nonconformity.objects.filter(title="Twice").count() == 1


def test_the_whole_way_by_the_pages(project, people):
    record = make_nonconformity(project, people["doer"], title="The label is gone")
    manager, owner, verifier = (client_of(people[name]) for name in ("manager", "owner", "verifier"))
    here = record.get_absolute_url()

    def version():
        return fresh(record).round.version

    def move(client, name, **data):
        answer = client.post(f"{here}move/{name}/", data)
        assert answer.status_code == 303, answer.content.decode()[:2000]
        return fresh(record).status

    manager.post(f"{here}move/accept/")
    assert fresh(record).status == "reported", "without owner and grade nothing moves"
    page = manager.get(f"{here}edit/").context["form"]
    data = {name: value for name in page.fields if (value := page[name].value())}
    assert manager.post(f"{here}edit/", data | {"grade": "major", "owner": people["owner"].pk}).status_code == 303
    assert move(manager, "accept") == "accepted"
    assert owner.post(f"{here}work/", {"version": version(), "correction": "Set apart"}).status_code == 303
    assert move(owner, "contain") == "contained"
    assert (
        owner.post(f"{here}work/", {"version": version(), "correction": "Set apart", "extent": "No"}).status_code == 303
    )
    owner.post(f"{here}causes/", {"text": "It fell off"})
    cause = fresh(record).round.causes.get()
    owner.post(f"{here}causes/", {"text": "The glue is old", "parent": cause.pk})
    root = cause.children.get()
    assert owner.post(f"{here}causes/{root.pk}/", {"root": "1"}).status_code == 303
    assert move(owner, "analyse") == "analysed"
    due = dates.today() - dt.timedelta(days=1)
    answer = owner.post(
        f"{here}actions/", {"title": "Buy glue", "assignee": people["doer"].pk, "due_on": due.isoformat()}
    )
    assert answer.status_code == 303
    check = {
        "correction": "Set apart",
        "extent": "No",
        "criterion": "None falls off",
        "check_on": (dates.today() + dt.timedelta(days=1)).isoformat(),
    }
    wrong = owner.post(f"{here}work/", check | {"version": version(), "verifier": people["doer"].pk})
    assert wrong.status_code == 422 and "does not verify it" in wrong.content.decode()
    assert "None falls off" in wrong.content.decode(), "what was typed is kept"
    owner.post(f"{here}work/", check | {"version": version(), "verifier": people["verifier"].pk})
    assert move(owner, "plan") == "planned"
    task = fresh(record).round.actions.get().task
    staff = client_of(people["doer"])
    staff.post(reverse("projects:task-move", kwargs={**project.address, "number": task.label, "move": "complete"}))
    assert move(owner, "implement") == "implemented"
    let_time_pass(record)
    assert move(owner, "verify") == "verifying"
    assert owner.post(f"{here}verdict/", {"verdict": "effective", "note": "Fine"}).status_code == 403
    assert verifier.post(f"{here}verdict/", {"verdict": "effective", "note": ""}).status_code == 422
    assert verifier.post(f"{here}verdict/", {"verdict": "effective", "note": "Fine"}).status_code == 303
    unanswered = manager.post(f"{here}move/close/", {"risks": "No"})
    assert unanswered.status_code == 422 and fresh(record).status == "verifying"
    assert move(manager, "close", risks="No", documents="P-07 names the glue", plan="No") == "closed"
    page = manager.get(here).content.decode()
    assert "P-07 names the glue" in page and "The glue is old" in page


def test_two_people_on_one_round_both_texts_are_shown(project, people):
    record = bring_to(make_nonconformity(project, people["doer"]), "accepted", **hands(people))
    seen = record.round.version
    services.work(record=record, by=people["manager"], version=seen, values={"correction": "Sent back"})
    answer = client_of(people["owner"]).post(
        f"{record.get_absolute_url()}work/", {"version": seen, "correction": "Set apart"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and "Sent back" in page and "Set apart" in page
    again = client_of(people["owner"]).post(
        f"{record.get_absolute_url()}work/",
        {"version": answer.context["work"]["version"].value(), "correction": "Set apart"},
    )
    assert again.status_code == 303 and fresh(record).round.correction == "Set apart"


def test_the_pages_ask_the_same_number_of_questions_few_or_many(project, people):
    client = client_of(people["manager"])
    record = bring_to(make_nonconformity(project, people["doer"]), "planned", **hands(people))
    for address, most in ((url(project, "list"), 15), (record.get_absolute_url(), 20)):
        client.get(address)
        few = count_queries(lambda address=address: client.get(address))
        for _k in range(30):
            make_nonconformity(project, people["doer"])
        many = count_queries(lambda address=address: client.get(address))
        assert many == few <= most, address

"""The inbox, its number beside the bell, and what only its owner may do with it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Notice
from projects.models import ProjectUserGrant
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import queries
from tests.notifications.test_notices import make_notice

pytestmark = pytest.mark.django_db
INBOX = "/inbox/"


def titles(page) -> list[str]:
    return [one.title for day in page.context["inbox"].days for one in day.notices]


def hours_ago(hours: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(hours=hours)


# ---- the page ---------------------------------------------------------------------------------------------------


def test_unread_ones_come_first_and_each_half_is_grouped_by_day(crew):
    noon = timezone.now().replace(hour=11, minute=0)
    for title, days, is_read in (("A", 0, True), ("B", 0, False), ("C", 1, False), ("D", 1, True), ("E", 9, False)):
        make_notice(crew.staff, crew.project, title, created_at=noon - dt.timedelta(days=days), is_read=is_read)

    page = crew.client("staff").get(INBOX)

    days = page.context["inbox"].days
    assert [(day.is_read, day.begins, day.word, [one.title for one in day.notices]) for day in days] == [
        (False, True, "Today", ["B"]),
        (False, False, "Yesterday", ["C"]),
        (False, False, "", ["E"]),
        (True, True, "Today", ["A"]),
        (True, False, "Yesterday", ["D"]),
    ]
    assert "3 unread" in page.content.decode()


def test_it_is_filtered_by_project_and_kind(crew):
    second = make_project(crew.project.organization)
    grant(crew.staff, Role.STAFF, second)
    make_notice(crew.staff, crew.project, "First")
    make_notice(crew.staff, second, "Second")
    make_notice(crew.staff, second, "Mentioned", kind="mentioned")
    client = crew.client("staff")

    assert set(titles(client.get(INBOX, {"project": second.pk}))) == {"Second", "Mentioned"}
    page = client.get(INBOX, {"project": second.pk, "kind": "mentioned"})
    assert titles(page) == ["Mentioned"]
    assert [one["text"] for one in page.context["chosen"]] == [
        f"{second.organization.name}: {second.name}",
        "Mention",
    ]


@pytest.mark.parametrize(
    "asked", ["page=x", "page=-1", "page=99999", "page=" + "9" * 30, "project=x", "kind=x", "project=٣"]
)
def test_a_bad_filter_shows_everything_or_an_empty_page(crew, asked):
    make_notice(crew.staff, crew.project, "First")

    page = crew.client("staff").get(f"{INBOX}?{asked}")

    assert page.status_code == 200
    assert titles(page) == ([] if asked == "page=99999" else ["First"])


def test_the_project_of_another_client_is_no_filter(crew):
    make_notice(crew.staff, crew.project, "First")

    page = crew.client("staff").get(INBOX, {"project": crew.other.pk})

    assert page.context["project"] is None and titles(page) == ["First"]


def test_a_long_inbox_comes_in_pages_without_counting_it(crew):
    for k in range(120):
        make_notice(crew.staff, crew.project, f"{k}", created_at=hours_ago(k / 10))
    client = crew.client("staff")

    first, last = client.get(INBOX), client.get(f"{INBOX}?page=3")

    assert (titles(first), len(titles(last))) == ([f"{k}" for k in range(50)], 20)
    assert first.context["inbox"].has_next and not first.context["inbox"].has_previous
    assert last.context["inbox"].has_previous and not last.context["inbox"].has_next
    assert b'href="?page=2"' in first.content and b"more than 99 unread" in first.content


def test_an_empty_inbox_says_what_it_is_for(crew):
    assert b"Nothing has happened yet" in crew.client("staff").get(INBOX).content


def test_somebody_without_any_role_has_an_empty_inbox(client):
    client.force_login(make_user())

    assert client.get(INBOX).status_code == 200


def test_the_door_is_shown_to_who_is_not_signed_in():
    for path in (INBOX, "/inbox/count/"):
        answer = Client().get(path)
        assert answer.status_code == 302 and "login" in answer["Location"]
    assert Client().post("/inbox/read/", {"until": 9}).status_code == 302


def test_the_page_takes_eight_queries_for_one_row_and_for_three(crew):
    client = crew.client("manager")
    for wanted in (1, 3):
        while Notice.objects.count() < wanted:
            make_notice(crew.manager, make_project(crew.project.organization), "Other")
            grant(crew.manager, Role.AUDITOR, Notice.objects.order_by("-pk")[0].project)
        client.get(INBOX)
        with queries(8):
            assert len(titles(client.get(INBOX))) == wanted


# ---- what its owner may do --------------------------------------------------------------------------------------


def test_opening_a_notice_marks_it_as_read_and_leads_to_the_thing(crew):
    task = crew.task(assignee=crew.staff)
    notice = make_notice(crew.staff, crew.project, path=task.get_absolute_url())

    answer = crew.client("staff").post(f"/inbox/{notice.pk}/open/")

    assert (answer.status_code, answer["Location"]) == (303, task.get_absolute_url())
    notice.refresh_from_db()
    assert notice.is_read


def test_looking_changes_nothing(crew):
    notice = make_notice(crew.staff, crew.project)
    client = crew.client("staff")

    client.get(INBOX)
    assert client.get(f"/inbox/{notice.pk}/open/").status_code == 405
    assert client.get("/inbox/read/").status_code == 405

    notice.refresh_from_db()
    assert not notice.is_read


def test_nobody_opens_or_reads_the_notice_of_somebody_else(crew):
    notice = make_notice(crew.staff, crew.project)
    client = crew.client("manager")

    assert client.post(f"/inbox/{notice.pk}/open/").status_code == 404
    assert client.post("/inbox/read/", {"notice": notice.pk}).status_code == 303
    assert client.post("/inbox/read/", {"until": notice.pk}).status_code == 303

    notice.refresh_from_db()
    assert not notice.is_read


def test_a_number_that_no_notice_has_is_not_found(crew):
    client = crew.client("staff")

    for number in ("0", "99999", "9" * 30):
        assert client.post(f"/inbox/{number}/open/").status_code == 404


def test_a_path_that_leads_elsewhere_is_not_followed(crew):
    for path in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        notice = make_notice(crew.staff, crew.project, path=path)
        assert crew.client("staff").post(f"/inbox/{notice.pk}/open/")["Location"] == INBOX


def test_one_is_marked_and_the_list_stays_as_it_was_filtered(crew):
    first, second = make_notice(crew.staff, crew.project), make_notice(crew.staff, crew.project)

    answer = crew.client("staff").post("/inbox/read/", {"notice": first.pk, "next": "/inbox/?kind=assigned"})

    assert (answer.status_code, answer["Location"]) == (303, "/inbox/?kind=assigned")
    assert dict(Notice.objects.values_list("pk", "is_read")) == {first.pk: True, second.pk: False}


@pytest.mark.parametrize("back", ["//evil.example/inbox/", "https://evil.example/", "/my-work/"])
def test_the_way_back_leads_to_the_inbox_only(crew, back):
    assert crew.client("staff").post("/inbox/read/", {"next": back})["Location"] == INBOX


def test_all_that_stood_there_is_marked_and_what_came_since_is_not(crew):
    make_notice(crew.staff, crew.project)
    client = crew.client("staff")
    until = client.get(INBOX).context["inbox"].newest
    later = make_notice(crew.staff, crew.project)

    answer = client.post("/inbox/read/", {"until": until}, follow=True)

    assert "1 notice is marked as read." in answer.content.decode()
    assert list(Notice.objects.filter(is_read=False)) == [later]


@pytest.mark.parametrize("sent", [{}, {"notice": "x"}, {"until": "9" * 30}, {"notice": "-1"}])
def test_nonsense_marks_nothing(crew, sent):
    notice = make_notice(crew.staff, crew.project)

    assert crew.client("staff").post("/inbox/read/", sent).status_code == 303

    notice.refresh_from_db()
    assert not notice.is_read


# ---- rights -----------------------------------------------------------------------------------------------------


def test_no_word_of_a_project_that_is_closed_to_its_reader_is_shown(crew):
    canary = "Quillfeather"
    crew.project.name = f"Project {canary}"
    crew.project.save()
    notice = make_notice(crew.owner, crew.project, f"Title {canary}", text=f"Text {canary}", path=f"/org/{canary}/")
    client = crew.client("owner")
    assert canary in client.get(INBOX).content.decode()

    ProjectUserGrant.objects.filter(user=crew.owner).delete()

    page = client.get(INBOX)
    assert page.status_code == 200 and canary not in page.content.decode()
    assert client.get(INBOX, {"project": crew.project.pk}).context["project"] is None
    opened = client.post(f"/inbox/{notice.pk}/open/")
    assert opened.status_code == 404 and canary not in opened.content.decode()
    assert client.get("/inbox/count/").json()["count"] == 0


# ---- the number beside the bell ---------------------------------------------------------------------------------


def test_the_number_is_said_in_one_query_and_not_again_while_it_is_the_same(crew):
    make_notice(crew.staff, crew.project)
    client = crew.client("staff")

    client.get("/inbox/count/")
    with queries(3, exactly=True):  # the session, the person, the count
        first = client.get("/inbox/count/")
    again = client.get("/inbox/count/", headers={"If-None-Match": first["ETag"]})
    make_notice(crew.staff, crew.project)
    grown = client.get("/inbox/count/", headers={"If-None-Match": first["ETag"]})

    assert first.json() == {"count": 1, "shown": "1", "said": "1 unread notice"}
    assert (again.status_code, again.content) == (304, b"")
    assert (grown.status_code, grown.json()["said"]) == (200, "2 unread notices")
    assert first["Cache-Control"] == "no-store"


def test_many_are_said_as_more_than_can_be_counted(crew):
    for _k in range(101):
        make_notice(crew.staff, crew.project)

    assert crew.client("staff").get("/inbox/count/").json()["shown"] == "99+"


def test_asking_for_the_number_keeps_no_session_alive(crew):
    from django.urls import resolve

    from core.htmx import is_asked_by_itself

    assert is_asked_by_itself(resolve("/inbox/count/").func)
    assert not is_asked_by_itself(resolve(INBOX).func)


def test_every_page_has_the_bell_and_takes_no_query_for_it(crew):
    client = crew.client("staff")
    page = client.get("/my-work/").content.decode()

    assert f'data-bell="{reverse("notifications:count")}"' in page
    assert page.count("data-unread hidden") == 3, "in the top bar, in the sidebar, in the phone's bar"
    assert "data-bell" not in Client().get("/accounts/login/").content.decode()

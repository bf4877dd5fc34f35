"""Comments on a task, and who is told."""

from __future__ import annotations

import pytest

from core.models import OutgoingMail
from core.rules import RuleBroken
from projects import flow
from projects.models import JournalEntry, TaskComment
from projects.permissions import Role
from projects.services import task as services
from tests.factories.projects import grant, make_user


def told() -> set[str]:
    return set(OutgoingMail.objects.filter(key__startswith="mentioned:").values_list("recipient", flat=True))


def say(crew, task, text, by=None):
    return services.comment(task=task, by=by or crew.manager, text=text)


def test_people_of_the_project_are_told_by_their_full_name(crew):
    task = crew.task(assignee=crew.staff)

    said = say(crew, task, "@otto OWNER and @Sina Staff, please look. @Nobody too.")

    assert set(said.mentions.all()) == {crew.owner, crew.staff}
    assert told() == {crew.owner.email, crew.staff.email}
    task.refresh_from_db()
    assert task.comment_count == 1
    assert set(JournalEntry.objects.get(action="task.commented").changes["mentions"]) == {"Otto Owner", "Sina Staff"}


def test_only_who_may_see_the_task_is_told(crew):
    task = crew.task(assignee=crew.owner)

    said = say(crew, task, "@Sina Staff @Sten Stranger @Ada Auditor")

    assert list(said.mentions.all()) == [crew.auditor]


def test_staff_are_told_of_a_task_of_their_role(crew):
    task = crew.task(assignee_role=Role.STAFF)

    assert list(say(crew, task, "@Sina Staff").mentions.all()) == [crew.staff]


def test_the_longest_name_counts(crew):
    short = make_user(name="Otto")
    grant(short, Role.AUDITOR, crew.project)
    task = crew.task()

    assert list(say(crew, task, "@Otto Owner").mentions.all()) == [crew.owner]
    assert list(say(crew, task, "@Otto, see").mentions.all()) == [short]
    assert list(say(crew, task, "@Ottomar").mentions.all()) == []


def test_who_wants_no_mail_and_who_writes_it_get_none(crew):
    crew.owner.mail_on_mention = False
    crew.owner.save()

    say(crew, crew.task(), "@Otto Owner @Mia Manager")

    assert told() == set()


def test_an_empty_comment_is_refused(crew):
    with pytest.raises(RuleBroken):
        say(crew, crew.task(), " \n ")


@pytest.mark.parametrize("who", ["certifier", "stranger", "staff"])
def test_who_may_not_comment_is_refused(crew, who):
    with pytest.raises(flow.NotPermitted):
        say(crew, crew.task(assignee=crew.owner), "x", by=getattr(crew, who))


def test_a_comment_is_shown_escaped_with_its_mentions_marked(crew):
    evil = make_user(name="<b>Eve</b> O'Neil")
    grant(evil, Role.AUDITOR, crew.project)
    task = crew.task()

    say(crew, task, "<script>alert(1)</script> @Otto Owner & @<b>Eve</b> O'Neil")

    text = crew.client("manager").get(crew.url("task-detail", number=task.label)).content.decode()
    assert "<script>alert" not in text
    assert '<span class="mention">@Otto Owner</span>' in text
    assert '<span class="mention">@&lt;b&gt;Eve&lt;/b&gt; O&#x27;Neil</span>' in text


def test_a_comment_is_posted_once_and_the_person_chosen_is_told(crew):
    task = crew.task()
    client, url = crew.client("owner"), crew.url("task-comment", number=task.label)
    form = client.get(crew.url("task-detail", number=task.label)).context["comment_form"]
    data = {"once": form["once"].value(), "text": "Please look", "tell": crew.manager.pk}

    first, second = client.post(url, data), client.post(url, data)

    said = TaskComment.objects.get()
    assert (said.text, list(said.mentions.all())) == ("Please look\n@Mia Manager", [crew.manager])
    assert first.url == second.url == crew.url("task-detail", number=task.label) + f"#comment-{said.pk}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": ""}, "required"),
        ({"text": "x" * 10_001}, "at most 10000"),
        ({"text": "kept", "tell": "999999"}, "valid choice"),
    ],
)
def test_a_wrong_comment_stays_in_the_form(crew, data, words):
    task = crew.task()

    response = crew.client("owner").post(crew.url("task-comment", number=task.label), data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert data["text"][:200] in response.content.decode()


def test_staff_are_offered_those_they_have_to_do_with_and_no_directory(crew):
    task = crew.task(assignee=crew.staff)
    say(crew, task, "Where do you stand?", by=crew.auditor)

    page = crew.client("staff").get(task.get_absolute_url()).content.decode()

    assert crew.auditor.name in page
    assert crew.manager.name in page
    assert crew.owner.name not in page
    assert crew.owner.name in crew.client("manager").get(task.get_absolute_url()).content.decode()

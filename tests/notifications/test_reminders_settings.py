"""An organization sets when its people are reminded, and sees what that means."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from core.rules import RuleBroken, StaleRecord
from notifications.models import Reminder, ReminderRule
from notifications.reminding.rules import DEFAULT, Rule
from notifications.services import reminder as services
from projects.models import JournalEntry
from projects.permissions import Role
from tests.factories.projects import grant, make_organization, make_project, make_task, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return make_organization("acme")


@pytest.fixture
def admin(acme):
    person = make_user()
    grant(person, Role.CLIENT_ADMIN, acme)
    return person


def send(client, acme, **values):
    numbers = {"before_days": "14, 7, 1, 0", "every_working_days": 3, "escalate_manager_after": 5,
               "escalate_management_after": 15, "is_active": "on", "version": 0}  # fmt: skip
    data = {f"task-{name}": value for name, value in (numbers | values).items()}
    return client.post(reverse("notifications:reminder-rules", kwargs={"org": "acme"}), {"kind": "task", **data})


@time_machine.travel(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
def test_the_page_says_what_the_rule_means_for_a_day(client, acme, admin):
    make_project(acme, working_week="1111100", holiday_country="CH", holiday_region="ZH")
    client.force_login(admin)

    with queries(14):
        page = client.get(reverse("notifications:reminder-rules", kwargs={"org": "acme"})).content.decode()

    text = " ".join(page.split()).replace("<b>", "").replace("</b>", "")
    assert (
        "Now: what is due on 23 March 2026 is reminded on 9 March, 16 March, 20 March, 23 March. If it is late, again on "
        "26 March and then every 3 working days. The project manager hears of it on 30 March. Top management hears of it "
        "on 15 April."
    ) in text


def test_a_rule_is_saved_with_a_line_in_the_journal_and_can_be_changed_again(client, acme, admin):
    client.force_login(admin)

    assert send(client, acme, before_days="3, 3; 10", escalate_manager_after=0).status_code == 303

    rule = ReminderRule.objects.get().rule
    assert rule == Rule((10, 3), 3, 0, 15)
    entry = JournalEntry.objects.get(action="reminders.changed")
    assert entry.changes == {"before_days": [[14, 7, 1, 0], [10, 3]], "escalate_manager_after": [5, 0]}
    assert send(client, acme, is_active="", version=1).status_code == 303
    assert ReminderRule.objects.get().rule == Rule(is_active=False)


def test_bad_numbers_get_a_sentence_and_nothing_typed_is_lost(client, acme, admin):
    client.force_login(admin)

    for values, sentence in (
        ({"before_days": "two weeks"}, "Only whole numbers of days"),
        ({"before_days": "400"}, "none more than 90 days ahead"),
        ({"before_days": "1,2,3,4,5,6,7"}, "Up to 6 reminders"),
        ({"escalate_manager_after": 20}, "Top management hears of it after the project manager"),
        ({"version": 7}, "changed by somebody else"),
    ):
        answer = send(client, acme, **values)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert str(values.get("before_days", "14, 7, 1, 0")) in answer.content.decode()
    assert not ReminderRule.objects.exists()
    assert (
        client.post(reverse("notifications:reminder-rules", kwargs={"org": "acme"}), {"kind": "x"}).status_code == 422
    )


def test_two_people_do_not_overwrite_each_other(acme, admin):
    services.set_rule(organization=acme, kind="task", version=0, by=admin, rule=Rule((5,)))

    with pytest.raises(StaleRecord):
        services.set_rule(organization=acme, kind="task", version=0, by=admin, rule=Rule((6,)))

    assert ReminderRule.objects.get().rule == Rule((5,))


def test_nothing_changed_writes_nothing(acme, admin):
    services.set_rule(organization=acme, kind="task", version=0, by=admin, rule=DEFAULT)

    assert not ReminderRule.objects.exists()
    assert not JournalEntry.objects.filter(action="reminders.changed").exists()


def test_a_rule_that_names_days_after_a_year_is_refused(acme, admin):
    with pytest.raises(RuleBroken):
        services.set_rule(organization=acme, kind="task", version=0, by=admin, rule=Rule((-1,)))


def test_reminders_of_long_ago_are_forgotten():
    project, person = make_project(), make_user()
    task, today = make_task(project), dt.date(2026, 9, 1)
    for days in (300, 121, 120, 1):
        Reminder.objects.create(
            person=person, project=project, kind="task", subject_id=task.pk, on=today - dt.timedelta(days=days),
            due_on=today, why="own",
        )  # fmt: skip

    assert services.forget_old(today) == 2
    assert Reminder.objects.count() == 2

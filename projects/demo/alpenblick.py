"""Alpenblick Medical: half-way through its integrated management system, a little behind its plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Organization, User
from core import files
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects.access import MAY
from projects.models import PlanActivity, PlanStep, Project, TailoringKind, Task
from projects.permissions import Perm, Role
from projects.services import evidence, plan, start, team
from projects.services import tailor as tailor_service
from projects.services import task as tasks

from . import cast, firn, papers, schedule, tell, words
from .clock import CALENDAR, Story, as_if, shifted

WEEKS_RUNNING = 30
STANDARDS = ("iso-9001-2026", "iso-27001-2022", "iso-22301-2019")
ROLE_OF = {
    "consultant": Role.CONSULTANT,
    "manager": Role.PROJECT_MANAGER,
    "management": Role.TOP_MANAGEMENT,
    "auditor": Role.AUDITOR,
    "processowner": Role.PROCESS_OWNER,
    "riskowner": Role.RISK_OWNER,
    "documents": Role.DOCUMENT_CONTROLLER,
    "hr": Role.HR,
    "staff": Role.STAFF,
    "admin": Role.CLIENT_ADMIN,
    "certifier": Role.CERTIFICATION_AUDITOR,
}
# By how many working days the work of a step ran behind its plan (negative: ahead).
SLIP = {
    "1.1": -1, "1.2": 1, "1.3": 4, "1.4": 3, "1.5": 2, "1.6": 2, "1.7": 5, "1.8": 7,
    "2.1": 3, "2.2": 0, "2.3": 11, "2.4": 2, "2.5": 9, "2.7": 2, "3.2": 0,
}  # fmt: skip
# Suggested tasks that should be done by now and are not: activity and place in it.
STUCK = {("1.7.8", 2), ("2.3.1", 2), ("2.4.4", 2), ("2.5.4", 2), ("2.5.5", 1), ("2.5.5", 2)}
EXCLUDED = "2.4.3"
WHY_EXCLUDED = (
    "The consultation of workers is asked for by ISO 45001, which is not in the scope. Incidents are reported through "
    "the channel of activity 2.7.4."
)
WHY_ADDED = (
    "Alpenblick is certified to ISO 13485 since 2019. Its manual stays in force, so every new procedure has to fit it."
)


class Client:
    """What the story needs to have at hand."""

    def __init__(self) -> None:
        self.story = Story("alpenblick")
        self.start_on = CALENDAR.on_or_after(
            self.story.today - dt.timedelta(weeks=WEEKS_RUNNING, days=self.story.today.weekday())
        )
        self.people: dict[str, User] = {}
        self.organization: Organization = None
        self.project: Project = None

    def holder(self, role: str) -> User:
        """The person who carries a role."""
        return next(self.people[local] for local, held in ROLE_OF.items() if held == role)

    def completer(self, activity: PlanActivity) -> User:
        """Who says that an activity is done: its role, or the project manager where that role may not."""
        may = Perm.COMPLETE_ACTIVITIES in MAY[Role(activity.responsible)]
        return self.holder(activity.responsible) if may else self.people["manager"]


def write() -> Project:
    client = Client()
    found(client)
    begin(client)
    with as_if(client.story.told_until):
        schedule.promise(client.project, client.people)
    enter_days(client)
    tailor(client)
    work_the_plan(client)
    add_own_tasks(client)
    talk(client)
    bring_in(client)
    schedule.live_on(client.story, client.project, client.people)
    tell(client.story, client.project, client.people)
    client.project.refresh_from_db()
    return client.project


def found(client: Client) -> None:
    """The firm, the client and its people, in the weeks before the project."""
    story = client.story
    long_before = story.moment(shifted(client.start_on, -30))
    client.people = people = cast.join(cast.ALPENBLICK, "demo.example", long_before)
    consultant = people["consultant"]
    with as_if(long_before):
        firm = team.found_organization(
            name="Firn Consulting", slug="firn", kind="firm", by=None, country="CH", region="ZH", headcount=9,
            is_demo=True,
        )  # fmt: skip
        for role in (Role.CONSULTANT, Role.CLIENT_ADMIN):
            cast.dated_grant(
                team.grant(to=consultant, role=role, scope=firm, by=None, is_set_up=True, reason="Founder of the firm")
            )
    with as_if(story.moment(shifted(client.start_on, -12))):
        client.organization = team.found_client(
            firm=firm, by=consultant, name="Alpenblick Medical", slug="alpenblick", country="CH", region="ZH",
            headcount=180, is_demo=True,
        )  # fmt: skip
        cast.dated_grant(client.organization.group_grants.get())
        cast.come_in(person=people["admin"], role=Role.CLIENT_ADMIN, scope=client.organization, by=consultant)
    with as_if(story.moment(shifted(client.start_on, -8))):
        cast.come_in(
            person=people["management"], role=Role.TOP_MANAGEMENT, scope=client.organization, by=people["admin"]
        )


def begin(client: Client) -> None:
    """The project starts; those who work in it get their roles in the first weeks."""
    story, people = client.story, client.people
    catalogue = catalogues.current()
    laid_out = start.propose(
        catalogues.plan_of(catalogue), start_on=client.start_on, target_on=None, headcount=180, calendar=CALENDAR
    )
    story.told_until = story.moment(client.start_on, 8, 9)
    with as_if(story.told_until):
        client.project = start.start(
            organization=client.organization,
            by=people["consultant"],
            name=f"Integrated management system {laid_out.ends_on.year}",
            slug="ims",
            catalogue=catalogue,
            standards=list(Standard.objects.filter(slug__in=STANDARDS)),
            start_on=client.start_on,
            target_on=shifted(laid_out.ends_on, 8),
            headcount=180,
            holiday_country="CH",
            holiday_region="ZH",
            manager=people["manager"],
        )
        cast.come_in(person=people["manager"], role=Role.PROJECT_MANAGER, scope=client.project, by=people["admin"])
    joins = {"processowner": 2, "documents": 4, "riskowner": 9, "hr": 12, "auditor": 15, "staff": 30}
    for local, days in joins.items():
        story.add(
            story.moment(shifted(client.start_on, days), 8, 10), cast.come_in, person=people[local],
            role=ROLE_OF[local], scope=client.project, by=people["manager"],
        )  # fmt: skip


def enter_days(client: Client) -> None:
    """What the firm sold and has used of it, as the consultant notes it down now and then."""
    client.story.add(
        client.story.moment(client.story.days_ago(6)), firn.enter, project=client.project,
        by=client.people["consultant"], values={"days_sold": Decimal(80), "days_used": Decimal("43.5")},
    )  # fmt: skip


def tailor(client: Client) -> None:
    """One activity is not for this organization, one is added. IMS2 step 1.1."""
    story, project = client.story, client.project
    day = shifted(client.start_on, 8)
    story.add(
        story.moment(day), tailor_service.decide, project=project, by=client.people["consultant"],
        kind=TailoringKind.EXCLUDE, item=PlanActivity.objects.get(project=project, number=EXCLUDED),
        values={"is_applicable": False}, justification=WHY_EXCLUDED,
    )  # fmt: skip
    step = PlanStep.objects.get(project=project, number="2.3")
    story.add(
        story.moment(day), plan.add_activity, step=step, by=client.people["consultant"],
        title="Align the procedures with the ISO 13485 manual", justification=WHY_ADDED,
        responsible=Role.DOCUMENT_CONTROLLER, effort_days=Decimal(4), starts_on=shifted(step.ends_on, -14),
        ends_on=step.ends_on, purpose="Keep one set of procedures that satisfies both the manual and the new system.",
    )  # fmt: skip


def work_the_plan(client: Client) -> None:
    """Suggested tasks are given to people and completed, each activity with the delay of its step."""
    story = client.story
    activities = list(
        PlanActivity.objects.filter(project=client.project).exclude(number=EXCLUDED).select_related("step")
    )
    suggested: dict[int, list[Task]] = {}
    for task in Task.objects.filter(project=client.project).order_by("number"):
        suggested.setdefault(task.activity_id, []).append(task)
    for activity in activities:
        starts_on = shifted(activity.starts_on, SLIP.get(activity.step.number, 0) // 2)
        if starts_on > story.today + dt.timedelta(days=21):
            continue
        theirs = suggested[activity.pk]
        _hand_out(client, activity, theirs, shifted(starts_on, -5))
        if starts_on >= story.today:
            continue
        who = client.completer(activity)
        story.add(story.moment(starts_on, 7, 8), plan.move, activity=activity, name="start", by=who)
        _work_on(client, activity, theirs, starts_on)


def _hand_out(client: Client, activity: PlanActivity, theirs: list[Task], day: dt.date) -> None:
    """The project manager names a person for each task of an activity."""
    day = max(day, shifted(client.start_on, 16 if activity.responsible not in ("consultant", "project_manager") else 1))
    story = client.story
    if day >= story.today:
        return
    story.add(
        story.moment(day, 6, 7), tasks.change_many, project=client.project, by=client.people["manager"],
        numbers=[task.number for task in theirs], values={"assignee": client.holder(activity.responsible)},
    )  # fmt: skip


def _work_on(client: Client, activity: PlanActivity, theirs: list[Task], starts_on: dt.date) -> None:
    story, slip = client.story, SLIP.get(activity.step.number, 0)
    who = client.holder(activity.responsible)
    done: list[Task] = []
    last = story.moment(starts_on)
    for place, task in enumerate(theirs):
        wanted = max(shifted(task.due_on, slip + story.chance.randint(-2, 2)), starts_on)
        done_at = story.moment(wanted)
        if done_at < story.now and (activity.number, place) not in STUCK:
            story.add(done_at, tasks.move, task=task, name="complete", by=who)
            done.append(task)
            last = max(last, done_at)
        elif (begun := max(starts_on, shifted(task.due_on, -2))) < story.today:
            story.add(story.moment(begun), tasks.move, task=task, name="start", by=who)
    for number, local, text in words.REMARKS:
        if number == activity.number:
            story.add(last + dt.timedelta(minutes=5), tasks.comment, task=theirs[0], by=client.people[local], text=text)
    if len(done) < len(theirs):
        return
    factor = Decimal(story.chance.choice(["0.75", "1", "1", "1.25", "1.5"]))
    spent = ((theirs[0].effort_hours_planned or 1) * factor).quantize(Decimal("0.25"))
    story.add(last + dt.timedelta(minutes=10), tasks.change_many, project=client.project, by=who,
              numbers=[task.number for task in done], values={"effort_hours_spent": spent})  # fmt: skip
    story.add(last + dt.timedelta(minutes=20), _complete, client=client, activity=activity)


def _complete(client: Client, activity: PlanActivity) -> None:
    """Says that an activity is done; looks again a week later while a task of the organization's own is open."""
    now = PlanActivity.objects.select_related("project__organization").get(pk=activity.pk)
    if now.task_open_count:
        client.story.add(timezone.now() + dt.timedelta(days=7), _complete, client=client, activity=activity)
        return
    plan.move(activity=now, name="complete", by=client.completer(now))


def add_own_tasks(client: Client) -> None:
    """What only this organization could name."""
    story = client.story
    for facts in words.OWN_TASKS:
        made = story.moment(story.days_ago(-facts["made"]), 8, 11)
        story.add(made, _make_own, client=client, facts=facts, made=made)


def _make_own(client: Client, facts: dict[str, Any], made: dt.datetime) -> None:
    story, people = client.story, client.people
    number = facts["activity"]
    task = tasks.create(
        project=client.project,
        by=people[facts["by"]],
        title=facts["title"],
        description=facts.get("text", ""),
        activity=PlanActivity.objects.get(project=client.project, number=number) if number else None,
        assignee=people[facts["who"]],
        due_on=story.days_ahead(facts["due"]) if facts["due"] >= 0 else story.days_ago(-facts["due"]),
        priority=facts.get("priority", 2),
        effort_hours_planned=Decimal(str(facts["hours"])),
        recurrence=facts.get("recurrence", ""),
    )
    for text in facts.get("checklist", ()):
        tasks.add_item(task=task, text=text, by=people["manager"])
    _play(client, task, facts, made)


def _play(client: Client, task: Task, facts: dict[str, Any], made: dt.datetime) -> None:
    story, who = client.story, client.people[facts["who"]]
    soon = made + dt.timedelta(days=1)
    while not CALENDAR.is_working(soon.date()):
        soon += dt.timedelta(days=1)
    for item in list(task.checklist.all())[: facts.get("checked", 0)]:
        story.add(soon + dt.timedelta(hours=1), tasks.check_item, item=item, is_done=True, by=who)
    match facts["end"]:
        case "in_progress":
            story.add(soon, tasks.move, task=task, name="start", by=who)
        case "blocked":
            story.add(soon, tasks.move, task=task, name="start", by=who)
            story.add(soon + dt.timedelta(hours=2), tasks.move, task=task, name="block", by=who,
                      reason=facts["reason"])  # fmt: skip
        case "done":
            story.add(story.moment(story.days_ago(-facts["done"]), 13), _finish_own, client=client, task=task, who=who)
        case "cancelled":
            story.add(story.moment(story.days_ago(-facts["done"]), 13), tasks.move, task=task, name="cancel",
                      by=client.people["manager"], reason=facts["reason"])  # fmt: skip
        case "recurring":
            story.add(story.moment(task.due_on, 13), _finish_again, client=client, task=task, who=who)


def _finish_own(client: Client, task: Task, who: User) -> None:
    tasks.edit(task=task, by=who, version=Task.objects.values_list("version", flat=True).get(pk=task.pk),
               values={"effort_hours_spent": task.effort_hours_planned})  # fmt: skip
    tasks.move(task=task, name="complete", by=who)


def _finish_again(client: Client, task: Task, who: User) -> None:
    """Completes an occurrence of a repeating task; the next one follows on its own day."""
    story = client.story
    for item in task.checklist.all():
        tasks.check_item(item=item, is_done=True, by=who)
    tasks.move(task=task, name="complete", by=who)
    following = Task.objects.select_related("project__organization", "assignee").filter(previous=task).first()
    if following is not None:
        day = shifted(following.due_on, story.chance.choice([-1, 0, 0]))
        story.add(story.moment(day, 13), _finish_again, client=client, task=following, who=who)


def talk(client: Client) -> None:
    """Comments with mentions, files and links as evidence, and what waits for what."""
    story, people = client.story, client.people
    for title, local, days, text in words.COMMENTS:
        story.add(story.moment(story.days_ago(-days), 9, 16), _on, client=client, title=title, call=tasks.comment,
                  by=people[local], text=text)  # fmt: skip
    for title, local, days, name, link in words.LINKS:
        story.add(story.moment(story.days_ago(-days), 9, 16), _on, client=client, title=title, call=evidence.add_link,
                  by=people[local], name=name, link=link)  # fmt: skip
    for title, local, days, name, lines in words.PAPERS:
        upload = files.of_bytes(papers.made(name, lines), name)
        story.add(story.moment(story.days_ago(-days), 9, 16), _on, client=client, title=title, call=evidence.add_file,
                  by=people[local], upload=upload)  # fmt: skip
    for later, earlier in words.WAITS:
        story.add(story.moment(story.days_ago(3)), _wait, client=client, later=later, earlier=earlier)


def _named(client: Client, title: str) -> Task:
    """The task of that title, of a repeating one the first."""
    found = Task.objects.select_related("project__organization").filter(project=client.project, title=title)
    return found.order_by("number")[0]


def _on(client: Client, title: str, call: Callable[..., object], *, name: str = "", **arguments: object) -> None:
    """Calls a service on the task of that title; `name` is what a link is called."""
    about = "record" if call in (evidence.add_file, evidence.add_link) else "task"
    call(**{about: _named(client, title)}, **arguments, **({"title": name} if name else {}))


def _wait(client: Client, later: str, earlier: str) -> None:
    tasks.add_predecessor(task=_named(client, later), predecessor=_named(client, earlier), by=client.people["manager"])


def bring_in(client: Client) -> None:
    """The certification body reads for some weeks; an invitation waits."""
    story, people = client.story, client.people
    story.add(
        story.moment(story.days_ago(6)), cast.come_in, person=people["certifier"], role=Role.CERTIFICATION_AUDITOR,
        scope=client.project, by=people["manager"], role_ends_on=story.today + dt.timedelta(days=60),
        message="Please look at the documents before the stage 1 audit.",
    )  # fmt: skip
    story.add(
        story.moment(story.days_ago(3)), cast.invite, person=cast.Newcomer("sabine.vogt@alpenblick.example",
        "Sabine Vogt"), scope=client.project, role=Role.PROCESS_OWNER, by=people["manager"],
        message="You run the laboratory: please take over the procedures for calibration.",
    )  # fmt: skip

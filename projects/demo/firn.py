"""Firn Consulting's other clients: what a consultant's portfolio looks like on a Monday.

Each has its plan and a short story: one well behind, one ahead, one just begun, one that waits. Their activities are
completed by the project manager; only what the firm chases is a task.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.models import Organization, User
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects.models import JournalEntry, PlanActivity, PlanStep, Project, TailoringKind
from projects.permissions import Role
from projects.services import kit, plan, seen, settings, start, tailor, team
from projects.services import task as tasks

from . import cast, tell
from .clock import CALENDAR, Story, as_if, shifted


class Client(NamedTuple):
    """`slip`: working days by which the work runs behind its plan; `reserve`: days between the plan's end and the audit."""

    slug: str
    name: str
    headcount: int
    manager: str
    weeks: int
    slip: int
    reserve: int
    standards: tuple[str, ...]
    days_sold: str
    days_used: str
    late: tuple[tuple[str, int], ...] = ()
    is_paused: bool = False
    of_colleague: bool = False


KIT_OF = "bergkristall"
CLIENTS = (
    Client(
        "rhonetal", "Rhonetal Pharma", 340, "Sophie Favre", 33, 42, 12, ("iso-9001-2026", "iso-45001-2018"), "60", "54.5",
        (
            ("Get the signature under the occupational health policy", 44),
            ("Send the list of hazardous substances", 17),
            ("Agree on dates for the internal audits", 4),
        ),
    ),
    Client(
        "bergkristall", "Bergkristall Software", 75, "Jan Zumstein", 22, -12, 25, ("iso-27001-2022",), "25", "9.5",
        (("Name a deputy for the information security officer", 2),),
    ),
    Client(
        "limmat", "Limmat Energie", 520, "Ruth Baumgartner", 2, 0, 40, ("iso-9001-2026", "iso-14001-2026"), "70", "3",
        of_colleague=True,
    ),
    Client(
        "jura", "Jura Précision", 160, "Luc Jeanneret", 27, 18, 30, ("iso-9001-2026",), "35", "14",
        (("Decide how the scope follows the sale of the Moutier plant", 31),), is_paused=True, of_colleague=True,
    ),
)  # fmt: skip
NEW_ENTRIES = 14
"""So many entries of Alpenblick's journal the consultant has not seen yet."""


def write() -> None:
    """The clients beside Alpenblick, a colleague, and what the consultant has seen of them."""
    firm = Organization.objects.select_related("team").get(slug="firn")
    consultant = User.objects.get(email="consultant@demo.example")
    story = Story("firn")
    since = story.moment(story.days_ago(230))
    colleague = cast.join({"rochat": "Marc Rochat"}, "firn.example", since)["rochat"]
    with as_if(since):
        cast.come_in(person=colleague, role=Role.CONSULTANT, scope=firm, by=consultant)
    for facts in CLIENTS:
        _write_client(facts, firm, colleague if facts.of_colleague else consultant)
    with as_if(story.moment(story.days_ago(2))):
        for project in Project.objects.filter(consultant=consultant):
            entries = JournalEntry.objects.filter(project=project).order_by("-seq").values_list("seq", flat=True)
            upto = entries[NEW_ENTRIES if project.organization.slug == "alpenblick" else 0]
            seen.mark(person=consultant, projects=[project.pk], seq=upto)


def _write_client(facts: Client, firm: Organization, consultant: User) -> None:
    story = Story(facts.slug)
    start_on = CALENDAR.on_or_after(story.today - dt.timedelta(weeks=facts.weeks))
    before = story.moment(shifted(start_on, -10))
    manager = cast.join({"manager": facts.manager}, f"{facts.slug}.example", before)["manager"]
    catalogue = catalogues.current()
    with as_if(before):
        organization = team.found_client(
            firm=firm, by=consultant, name=facts.name, slug=facts.slug, country="CH", headcount=facts.headcount,
            is_demo=True,
        )  # fmt: skip
        cast.dated_grant(organization.group_grants.get())
    ends_on = start.propose(
        catalogues.plan_of(catalogue), start_on=start_on, target_on=None, headcount=facts.headcount, calendar=CALENDAR
    ).ends_on
    story.told_until = story.moment(start_on, 8, 9)
    with as_if(story.told_until):
        project = start.start(
            organization=organization, by=consultant, name="Integrated management system", slug="ims",
            catalogue=catalogue, standards=list(Standard.objects.filter(slug__in=facts.standards)), start_on=start_on,
            target_on=shifted(ends_on, facts.reserve), headcount=facts.headcount, holiday_country="CH",
            manager=manager, with_tasks=False,
        )  # fmt: skip
        cast.come_in(person=manager, role=Role.PROJECT_MANAGER, scope=project, by=consultant)
    for activity in PlanActivity.objects.filter(project=project).select_related("step"):
        done_on = max(shifted(activity.ends_on, facts.slip), start_on)
        if done_on < story.today:
            story.add(story.moment(done_on), plan.move, activity=activity, name="complete", by=manager)
    for title, days in facts.late:
        story.add(
            story.moment(story.days_ago(days + 14)), tasks.create, project=project, by=consultant, title=title,
            assignee=manager, due_on=story.days_ago(days),
        )  # fmt: skip
    if facts.slug == KIT_OF:
        _tailor(story, project, firm, consultant, start_on)
    values: dict[str, Any] = {"days_sold": Decimal(facts.days_sold), "days_used": Decimal(facts.days_used)}
    if facts.is_paused:
        values["status"] = "paused"
    story.add(story.moment(story.days_ago(6)), enter, project=project, by=consultant, values=values)
    tell(story, project, {"manager": manager, "consultant": consultant})


def _tailor(story: Story, project: Project, firm: Organization, by: User, start_on: dt.date) -> None:
    """A small software company works two steps as one; the firm keeps the plan as a kit for the next of its kind."""
    steps = {step.number: step for step in PlanStep.objects.filter(project=project, number__in=("2.4", "3.1"))}
    story.add(
        story.moment(shifted(start_on, 5)), tailor.decide, project=project, by=by, kind=TailoringKind.MERGE,
        item=steps["3.1"], values={"merged_into": "3.2"},
        justification="With 75 people the same two colleagues measure and audit: one plan, one report, both results in it.",
    )  # fmt: skip
    story.add(
        story.moment(shifted(start_on, 6)), tailor.decide, project=project, by=by, kind=TailoringKind.CHANGE,
        item=steps["2.4"], values={"title": "Communication in the team"},
        justification="One floor, one team meeting a week: there is no communication plan beyond that.",
    )  # fmt: skip
    story.add(
        story.moment(story.days_ago(20)), kit.save, project=project, firm=firm, by=by, name="Software company, up to 100",
        description="ISO/IEC 27001 for one team at one site.", note="After the first client of this kind.",
    )  # fmt: skip


def enter(*, project: Project, by: User, values: dict[str, Any]) -> None:
    """Settings as somebody enters them: the rest stays."""
    version = Project.objects.values_list("version", flat=True).get(pk=project.pk)
    settings.change(project=project, by=by, version=version, values=values)

"""The treatments and acceptances of the demo: nine treatments with their tasks and controls, three acceptances at Alpenblick."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from approvals.models import Approval
from approvals.services import decision
from approvals.services import request as requests
from core.rules import RuleBroken
from projects.demo import Chapter
from projects.demo.clock import shifted
from projects.models import PlanActivity, Task
from projects.services import task as tasks

from .models import Acceptance, Risk, SoaEntry, Treatment
from .selectors import treatment as selectors
from .services import acceptance as acceptances
from .services import rating
from .services import treatment as services


@dataclass(frozen=True)
class Plan:
    """A treatment of the story: its risk by title, who is responsible, its actions (title, who, how far)."""

    risk: str
    option: str
    title: str
    text: str
    owner: str
    due: int
    cost: int | None = None
    days: str = "1"
    expected: tuple[int, int] | None = None
    actions: tuple[tuple[str, str, str], ...] = ()
    controls: tuple[str, ...] = ()


PLANS = (
    Plan("Phishing opens a mailbox with complaint data", "modify", "A second factor for every mailbox, and training that bites",
         "App or key, no text messages. A test mail each quarter; who clicks learns at once.", "riskowner", 20, 9_000, "6",
         (2, 3), (("Give every mailbox a second factor", "riskowner", "done"), ("Send the first test mail", "hr", "start"),
                  ("Train the people in sales and complaints", "hr", "")), ("A.8.5", "A.6.3", "A.5.17")),
    Plan("Ransomware stops the ERP", "modify", "Backups that nobody can overwrite, restored every quarter",
         "A copy on media that are not on the network; the restore is practised against the clock.", "riskowner", 35, 14_500,
         "9", (2, 3), (("Buy and set up the separate backup", "riskowner", "done"), ("Restore the ERP in a practice", "riskowner", ""),
                       ("Separate the production network", "riskowner", "start")), ("A.8.13", "A.8.7", "A.8.22")),
    Plan("The hosting partner fails for longer than agreed", "share", "A second data centre by contract",
         "The partner keeps a warm copy in Winterthur and pays for each hour beyond the agreed ones.", "riskowner", 60, 22_000,
         "4", (2, 3), (("Negotiate the second data centre", "manager", "start"),), ("A.5.30", "A.5.20")),
    Plan("The only sterilizer breaks down", "share", "Contract with a sterilization service in Buchs",
         "Two lots a day within 24 hours of a call; validated together once a year.", "processowner", 45, 18_000, "8", (2, 3),
         (("Validate one lot at the service", "processowner", "start"), ("Sign the contract", "management", ""))),
    Plan("Solvent reaches the waste water", "avoid", "Change to a water-based cleaner",
         "The solvent goes; the drain of the workshop is closed until then.", "processowner", 75, 6_500, "5", (1, 2),
         (("Try the water-based cleaner on line 2", "processowner", "done"), ("Close the drain of the workshop", "processowner", "done"))),
    Plan("Forklift meets pedestrian in the warehouse", "modify", "Ways apart: barriers, a mirror, a blue light on each truck",
         "Engineering controls before rules: nobody walks where a truck turns.", "processowner", -6, 7_200, "3", (2, 3),
         (("Put up the barriers", "processowner", "start"), ("Fit the blue lights", "processowner", ""))),
    Plan("Power fails at the site in Chur", "modify", "Emergency power for the clean rooms",
         "A generator for four hours, tested each month.", "riskowner", 90, 64_000, "12", (2, 2),
         (("Get three offers for the generator", "riskowner", "start"),), ("A.7.11", "A.7.13")),
    Plan("Exchange rate eats the margin of exports", "retain", "Hedge half of it, live with the rest",
         "More hedging would cost more than the margin it protects; the board looks at it twice a year.", "management", 120),
    Plan("Certified security opens the hospital tenders", "pursue", "Certify information security within a year",
         "Three tenders of 2027 ask for it; sales prepares the offers in parallel.", "management", 200, 45_000, "60", None,
         (("Name the tenders that ask for the certificate", "manager", "done"),)),
)  # fmt: skip


def tell(chapter: Chapter) -> None:
    """Told once the register has its risks."""
    if chapter.project.organization.slug != "alpenblick":
        return
    story = chapter.story
    ends = PlanActivity.objects.get(project=chapter.project, number="1.7.2").ends_on
    decided = shifted(min(shifted(ends, -3), story.days_ago(12)), 14)
    soa = min(max(shifted(ends, 6), story.days_ago(60)), story.days_ago(7))
    relied = max(decided, shifted(soa, 2))
    if shifted(soa, 3) <= relied <= shifted(soa, 4):  # the statement is being decided on: not now
        relied = shifted(soa, 5)
    for at, plan in enumerate(PLANS):
        story.add(story.moment(decided, 9, 16), _decide, chapter=chapter, plan=plan, at=at)
    story.add(story.moment(relied, 14, 16), _rely, chapter=chapter)
    signed = shifted(max(relied, decided), 2)
    story.add(story.moment(signed, 9, 10), _accept, chapter=chapter, owner="riskowner", most=2)
    story.add(story.moment(signed, 11, 12), _accept, chapter=chapter, owner="processowner", most=2)
    story.add(story.moment(shifted(signed, 1), 9, 11), _sign, chapter=chapter, by="riskowner")
    story.add(story.moment(shifted(signed, 1), 13, 15), _sign, chapter=chapter, by="processowner")
    story.add(story.moment(shifted(signed, 2), 15, 17), _sign, chapter=chapter, by="management")
    story.add(story.moment(story.days_ago(3), 9, 11), _happened, chapter=chapter)
    story.add(story.moment(story.days_ago(2), 13, 15), _accept, chapter=chapter, owner="riskowner", most=3)


def _decide(*, chapter: Chapter, plan: Plan, at: int) -> None:
    """One decision with its tasks; a risk that is not there or not judged yet gets none."""
    risk = (
        Risk.objects.filter(project=chapter.project, title=plan.risk, status__in=[str(one) for one in services.READY])
        .select_related("project__organization", "owner")
        .first()
    )
    if risk is None or risk.current_level is None:
        return
    people, story = chapter.people, chapter.story
    due = story.days_ahead(plan.due) if plan.due > 0 else story.days_ago(-plan.due)
    values = {
        "option": plan.option, "title": plan.title, "description": plan.text, "owner": people[plan.owner], "due_on": due,
        "cost": plan.cost, "effort_days": Decimal(plan.days),
    }  # fmt: skip
    expected = services.Expected(*plan.expected) if plan.expected else None
    made = services.create(risk=risk, by=people["manager"], values=values, expected=expected)
    for title, who, state in plan.actions:
        task = services.add_task(
            treatment=made, by=people["manager"], title=title, assignee=people[who], due_on=due,
            activity_id=_activity(chapter),
        )  # fmt: skip
        for move in {"done": ("start", "complete"), "start": ("start",)}.get(state, ()):
            day = story.days_ago(9 + at % 3)
            story.add(story.moment(day, 9 + 4 * (move == "complete"), 13 + 4 * (move == "complete")), _work, chapter=chapter,
                      task=task, move=move)  # fmt: skip


def _activity(chapter: Chapter) -> int | None:
    places = PlanActivity.objects.filter(project=chapter.project).exclude(status__in=["excluded", "done"])
    number = selectors.default_activity(places.order_by("position"))
    found = places.filter(number=number).first()
    return found.pk if found is not None else None


def _work(*, chapter: Chapter, task: Task, move: str) -> None:
    """A task moves; the demo is written in one transaction, so the treatment is told here and not by the signal."""
    tasks.move(task=task, name=move, by=chapter.people["manager"])
    treatment = Treatment.objects.get(task_links__task=task)
    services.follow(project=chapter.project, numbers=[treatment.number])


def _rely(*, chapter: Chapter) -> None:
    """Which controls they rely on, once the statement has them."""
    for plan in PLANS:
        entries = list(SoaEntry.objects.filter(project=chapter.project, ref__in=plan.controls))
        made = Treatment.objects.filter(project=chapter.project, title=plan.title).first()
        if made is not None and entries:
            services.change(
                treatment=made, by=chapter.people["manager"], version=made.version, values={}, controls=entries
            )  # fmt: skip


def _accept(*, chapter: Chapter, owner: str, most: int) -> None:
    """The manager draws up what an owner is to sign, and asks: the treated ones first, none that nobody may accept."""
    project, people, story = chapter.project, chapter.people, chapter.story
    today = story.told_until.date() if story.told_until else story.today
    rows = [
        row
        for row in acceptances.selectors.offered(project, people[owner], today)
        if row.measures and not row.is_for_nobody
    ][:most]
    if not rows:
        return
    acceptance = acceptances.draw_up(
        project=project, by=people["manager"], owner=people[owner], numbers=[row.risk.number for row in rows],
        accepted_until=max(acceptances.valid_until(rows, today), story.today + dt.timedelta(days=45)),
        note="The treatments are decided and paid for; what is left is what we expect once they are done.",
    )  # fmt: skip
    requests.ask(kind=acceptances.KIND, project=project, pk=acceptance.pk, by=people["manager"], steps=[])


def _sign(*, chapter: Chapter, by: str) -> None:
    """Signs every acceptance that waits for this person."""
    waiting = Approval.objects.filter(
        project=chapter.project, subject_kind=acceptances.KIND, status="open",
        steps__approvers__person=chapter.people[by], steps__approvers__awaited_since__isnull=False,
    )  # fmt: skip
    for approval in waiting.select_related("project__organization", "content").distinct().order_by("number"):
        decision.decide(
            approval=approval, by=chapter.people[by], decision="approved", digest=approval.content.digest,
            proof=decision.Proof("password", "192.0.2.14"),
        )  # fmt: skip


def _happened(*, chapter: Chapter) -> None:
    """Something happened: an accepted risk of the process owner is rated again, and its acceptance holds no longer."""
    last = Acceptance.objects.filter(
        project=chapter.project, owner=chapter.people["processowner"], accepted_at__isnull=False, ended_at__isnull=True
    ).first()
    row = last.rows.filter(is_holding=True).select_related("risk__project__organization").first() if last else None
    if row is None:
        return
    risk = row.risk
    try:
        rating.rate(
            risk=risk, by=chapter.people["processowner"], kind="current", consequence=risk.current_consequence,
            likelihood=min(risk.current_likelihood + 1, 5), reason="It nearly happened in the night shift.",
        )  # fmt: skip
    except RuleBroken:
        return

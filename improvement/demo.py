"""The nonconformities and proposals of the demo, told by the people of Alpenblick: closed ones that teach something, some in
work, one just reported, one that came again; ideas weighed by benefit and effort."""

from __future__ import annotations

from typing import Any

from pdca.models import Clause
from projects.demo import Chapter
from projects.demo.clock import shifted
from projects.services import task as tasks

from .models import Nonconformity, Proposal
from .services import nonconformity as services
from .services import proposal as proposals

UNCHANGED = {
    "risks": "No: the rating holds.",
    "documents": "No: the instruction is right, it was not followed.",
    "plan": "",
}


def tell(chapter: Chapter) -> None:
    if chapter.project.organization.slug != "alpenblick":
        return
    story = chapter.story
    first = story.days_ago(75)
    seal = {
        "title": "Pouches of lot 4471 left the line without a seal check", "place": "Clean room 2", "source": "monitoring",
        "description": "Eleven pouches were packed before the first peel test of the shift had been written down.",
        "suspicion": "The form lay in the other room.", "process": "Packaging",
    }  # fmt: skip
    chain: list[tuple[int, str, dict[str, Any]]] = [
        (0, "reported", {"values": seal, "who": "staff"}),
        (1, "accept", {"grade": "minor", "owner": "processowner"}),
        (2, "contain", {"correction": "Lot 4471 was blocked and peel-tested again: all within limits."}),
        (6, "analyse", {
            "extent": "Clean rooms 1 and 3 keep the form at the line: nothing found.",
            "why": ("The first test was not written down before packing began", "The form lay in the other room",
                    "Nobody says where forms of a shift belong"),
        }),
        (9, "plan", {"criterion": "Every first test of four weeks stands on the form before the first pouch.",
                     "action": "Give each line a board for the forms of the shift", "due": 20, "check": 40}),
        (18, "implement", {}),
        (30, "verify", {}),
        (41, "close", {"note": "Four weeks looked through: 38 of 38 first tests on time."}),
    ]  # fmt: skip
    _play(chapter, first, seal["title"], chain)
    label = {
        "title": "Two scales in incoming goods show no calibration label", "place": "Incoming goods",
        "source": "internal_audit", "process": "Measurement",
        "description": "Scales W-07 and W-09; the list says next check in May.",
    }  # fmt: skip
    contained = "Both scales are out of use; the goods of the week were weighed again."
    _play(chapter, story.days_ago(12), label["title"], [
        (0, "reported", {"values": label, "who": "auditor"}),
        (1, "accept", {"grade": "major", "owner": "processowner"}),
        (2, "contain", {"correction": contained}),
    ])  # fmt: skip
    door = {"title": "The archive stood open at seven in the morning", "place": "Basement", "source": "observation"}
    _play(chapter, story.days_ago(2), door["title"], [(0, "reported", {"values": door, "who": "staff"})])
    _more(chapter)
    _ideas(chapter)


EARLIER: list[tuple[int, str, dict[str, Any], dict[str, Any]]] = [
    (118, "closed", {
        "title": "Cleaning record of clean room 1 without a signature", "source": "internal_audit", "process": "Packaging",
        "evidence": "Week 14, two of five days.",
    }, {"grade": "minor", "clauses": ["7.5.3"], "category": "method", "root": "The sheet has no line for the signature",
        "action": "Add the line to the sheet and tell both shifts"}),
    (104, "closed", {
        "title": "Customer complaint: two pouches with a weak seal", "source": "complaint", "process": "Packaging",
        "evidence": "Lot 4388, 2 of 400 pouches.",
    }, {"grade": "major", "clauses": ["8.5.1", "8.7"], "category": "machine",
        "root": "The sealing bar was past its maintenance interval", "action": "Put the sealing bar into the maintenance plan"}),
    (76, "closed", {
        "title": "Supplier delivered foil without certificate", "source": "supplier", "process": "Purchasing",
    }, {"grade": "minor", "clauses": ["8.4"], "category": "material", "root": "The order does not ask for the certificate",
        "action": "Ask for the certificate in every order"}),
    (33, "planned", {
        "title": "New colleague worked at the sealer before the training was recorded", "source": "monitoring",
        "process": "Packaging", "evidence": "Training list of May.",
    }, {"grade": "minor", "clauses": ["7.2"], "category": "people", "root": "Nobody checks the list before the shift plan is made",
        "action": "Check the training list when the shift plan is made"}),
    (21, "accepted", {
        "title": "Maintenance interval of the sealing bar exceeded again", "source": "internal_audit", "process": "Packaging",
    }, {"grade": "major", "clauses": ["8.5.1"], "again": "Customer complaint: two pouches with a weak seal"}),
]  # fmt: skip
"""(days ago, how far it came, what was reported, what was found)."""


def _more(chapter: Chapter) -> None:
    for ago, until, values, facts in EARLIER:
        chain: list[tuple[int, str, dict[str, Any]]] = [
            (0, "reported", {"values": values, "who": "auditor" if values["source"] == "internal_audit" else "staff"}),
            (1, "accept", {"grade": facts["grade"], "owner": "processowner", "clauses": facts["clauses"], "again": facts.get("again"),
                           "due": (5, 16)}),
        ]  # fmt: skip
        if until in ("planned", "closed"):
            chain += [
                (3, "contain", {"correction": "The lot was looked through, and what was not in order set apart."}),
                (8, "analyse", {"extent": "The other lines were looked at: nothing found.", "category": facts["category"],
                                "why": (facts["root"],)}),
                (10, "plan", {"criterion": "It does not happen in the four weeks after.", "action": facts["action"], "due": 22,
                              "check": 30}),
            ]  # fmt: skip
        if until == "closed":
            chain += [
                (20, "implement", {}), (21, "verify", {}), (31, "close", {"note": "Looked through four weeks: it did not happen."}),
            ]  # fmt: skip
        _play(chapter, chapter.story.days_ago(ago), values["title"], chain)


IDEAS: list[tuple[int, str, str, int, int, str]] = [
    (64, "One board for the forms of every shift", "Nobody looks for a form any more.", 4, 1, "done"),
    (40, "Scan incoming certificates at the gate", "Certificates are found in a minute.", 4, 3, "accepted"),
    (26, "Peel test with a camera", "Fewer samples, and the picture is kept.", 5, 5, "assessed"),
    (18, "Training list on the screen of the shift leader", "Nobody works without training.", 4, 2, "assessed"),
    (12, "Colour for each clean room on the overalls", "Strangers are seen at once.", 2, 2, "assessed"),
    (9, "Free coffee in clean room 2", "", 1, 1, "refused"),
    (4, "Collect the questions of customers in one list", "Answers do not have to be found twice.", 0, 0, "proposed"),
]
"""(days ago, title, what it would bring, benefit, effort, how far it came)."""


def _ideas(chapter: Chapter) -> None:
    for ago, title, gain, benefit, effort, until in IDEAS:
        day = chapter.story.days_ago(ago)
        facts = {"title": title, "gain": gain, "benefit": benefit, "effort": effort, "until": until}
        steps = ["propose"]
        if until != "proposed":
            steps.append("assess")
        if until in ("accepted", "done", "refused"):
            steps.append("refuse" if until == "refused" else "accept")
        if until == "done":
            steps.append("finish")
        for after, step in zip((0, 2, 4, 24), steps, strict=False):
            moment = chapter.story.moment(shifted(day, after), 10, 12)
            chapter.story.add(moment, _idea, chapter=chapter, step=step, facts=facts, day=day)


def _idea(*, chapter: Chapter, step: str, facts: dict[str, Any], day: Any) -> None:
    people, project = chapter.people, chapter.project
    manager, owner, staff = people["manager"], people["processowner"], people["staff"]
    if step == "propose":
        values = {"title": facts["title"], "gain": facts["gain"], "process": "Packaging"}
        proposals.propose(project=project, by=staff, values=values)
        return
    record = Proposal.objects.filter(project=project).select_related("project__organization").get(title=facts["title"])
    if step == "assess":
        proposals.assess(
            record=record, by=manager, version=record.version, benefit=facts["benefit"], effort=facts["effort"],
            assessment="Talked through with the shift leaders.",
        )  # fmt: skip
    elif step == "refuse":
        proposals.move(record=record, name="refuse", by=manager, reason="Food and drink stay outside clean rooms.")
    elif step == "accept":
        task = {"title": f"{facts['title']}: try it on one line", "assignee": staff, "due_on": shifted(day, 22)}
        proposals.accept(record=record, by=manager, owner=owner, task=task)
    else:
        for link in record.steps.select_related("task__project__organization"):
            tasks.move(task=link.task, name="complete", by=staff)
        proposals.move(
            record=record, name="finish", by=owner, result="On all three lines since; no form was missing since."
        )


def _play(chapter: Chapter, day: Any, title: str, chain: list[tuple[int, str, dict[str, Any]]]) -> None:
    """Puts what happens to one nonconformity, days after `day`, into the story."""
    for after, move, facts in chain:
        moment = chapter.story.moment(shifted(day, after), 9, 16)
        chapter.story.add(moment, _step, chapter=chapter, move=move, facts=facts | {"title": title}, day=day)


def _step(*, chapter: Chapter, move: str, facts: dict[str, Any], day: Any) -> None:
    people, project = chapter.people, chapter.project
    manager, owner = people["manager"], people["processowner"]
    if move == "reported":
        services.report(project=project, by=people[facts["who"]], values=facts["values"] | {"detected_on": day})
        return
    record = (
        Nonconformity.objects.filter(project=project).select_related("project__organization").get(title=facts["title"])
    )

    def work(**values: Any) -> None:
        services.work(record=record, by=owner, version=record.rounds.latest("number").version, values=values)

    if move == "accept":
        values = {"grade": facts["grade"], "owner": people[facts["owner"]]}
        if facts.get("again"):
            values["recurrence_of"] = Nonconformity.objects.get(project=project, title=facts["again"])
        clauses = _clauses(project, facts["clauses"]) if "clauses" in facts else None
        services.change(record=record, by=manager, version=record.version, values=values, clauses=clauses)
        if "due" in facts:
            contain, analyse = facts["due"]
            services.work(record=record, by=manager, version=record.rounds.latest("number").version, values={
                "correction_due_on": shifted(day, contain), "analysis_due_on": shifted(day, analyse),
            })  # fmt: skip
    elif move == "contain":
        work(correction=facts["correction"])
    elif move == "analyse":
        work(extent=facts["extent"])
        above = None
        for n, text in enumerate(facts["why"], start=1):
            above = services.add_cause(
                record=record, by=owner, text=text, parent=above and above.pk, category="" if above else facts.get("category", "method"),
                is_root=n == len(facts["why"]),
            )  # fmt: skip
    elif move == "plan":
        values = {"title": facts["action"], "assignee": people["staff"], "due_on": shifted(day, facts["due"])}
        services.add_action(record=record, by=owner, values=values)
        work(criterion=facts["criterion"], check_on=shifted(day, facts["check"]), verifier=people["auditor"])
    elif move == "implement":
        for action in record.rounds.latest("number").actions.select_related("task__project__organization"):
            tasks.move(task=action.task, name="complete", by=people["staff"])
    elif move == "close":
        services.judge(record=record, by=people["auditor"], verdict="effective", note=facts["note"])
    # What changes because of it, as closing asks: the standing task that the action left behind.
    actions = record.rounds.latest("number").actions.values_list("task", flat=True) if move == "close" else ()
    services.move(
        record=record, name=move, by=manager if move in ("accept", "close") else owner, consequences=UNCHANGED,
        changing={"plan": actions},
    )  # fmt: skip


def _clauses(project: Any, refs: list[str]) -> list[Clause]:
    """The first of the project's clauses with each number."""
    rows = Clause.objects.filter(standard__in=project.chosen_standards.values("standard"), ref__in=refs)
    found: dict[str, Clause] = {}
    for clause in rows.order_by("standard__code"):
        found.setdefault(clause.ref, clause)
    return [found[ref] for ref in refs if ref in found]

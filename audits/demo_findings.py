"""What the audits of the demo found: a checklist worked to its end with a nonconformity raised, and one half way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from projects.demo import Chapter
from projects.demo.clock import shifted

from .models import Audit, ChecklistLine, Finding
from .services import answering, checklist
from .services import finding as findings

SEEN = {
    "4.1": ("conform", "Context analysis of February, signed by the management; climate is a line of its own."),
    "4.2": ("conform", "Register of interested parties: eleven rows, each with what was adopted."),
    "5.1": ("conform", "Minutes of three management meetings; questions on figures are asked there."),
    "5.2": ("observation", "The old wording of the policy still hangs at the gate."),
    "7.5": ("conform", "Twelve forms drawn from the floor: all in the current revision."),
    "8.5": ("nc_minor", "Shift of 4 May, lots 4502 to 4509: two of eight first tests have no time of day."),
    "9.1": ("strength", "Line leaders know their figures by heart and can say why they moved."),
}
SAMPLE = "5 of 40 records, drawn by number"
NOTES: dict[str, dict[str, str]] = {
    "nc_minor": {
        "statement": "The time of the first seal test of a shift is not always written down, so that it cannot be shown that "
        "the test came before packing.",
        "criterion": "Results of monitoring show when and by whom a characteristic was tested.",
    },
    "observation": {
        "statement": "A withdrawn wording of the policy is displayed at the gate.",
        "criterion": "The policy is available in its current version where people read it.",
    },
    "strength": {"statement": "People on the line read their figures and act on them without being asked.", "criterion": ""},
}  # fmt: skip
ANSWERS = {
    "nc_minor": "The form has a field for the time from today on; the two lots were tested again and are within limits.",
    "observation": "The poster was replaced on the same day; the reception now keeps the list of places.",
}


def tell(chapter: Chapter) -> None:
    if chapter.project.organization.slug != "alpenblick":
        return
    begun = chapter.story.days_ago(136)  # as audits.demo

    def at(after: int, hour: int, step: Any, **more: Any) -> None:
        chapter.story.add(chapter.story.moment(shifted(begun, after), hour, hour + 1), step, chapter=chapter, **more)

    at(25, 9, _walk, nth=0, most=1_000)
    at(25, 15, _raise, nth=0)
    at(29, 10, _answer, nth=0)
    at(30, 10, _accept, nth=0)
    at(95, 10, _walk, nth=1, most=14)


def _audit(chapter: Chapter, nth: int) -> Audit:
    """The `nth` audit of the demo client's own, in the order they were planned."""
    rows = Audit.objects.select_related("project__organization").filter(project=chapter.project)
    return rows.filter(kind="internal").order_by("number")[nth]


def _walk(*, chapter: Chapter, nth: int, most: int) -> None:
    """Makes the checklist, answers the first `most` lines, and notes what was found."""
    audit, auditor = _audit(chapter, nth), chapter.people["auditor"]
    checklist.generate(audit=audit, by=auditor)
    noted: set[str] = set()
    for line in audit.lines.select_related("project__organization").order_by("position", "pk")[:most]:
        result, evidence = _seen(line, noted)
        values = {"result": result, "evidence": evidence, "sampling": SAMPLE if evidence else ""}
        if result == "not_sampled":
            values["not_sampled_because"] = "Looked at in the audit of the spring; nothing has changed since."
        line = answering.answer(line=line, by=auditor, version=line.version, values=values)
        if result in NOTES and result not in noted:
            noted.add(result)
            _note(chapter, audit, line)


def _seen(line: ChecklistLine, noted: set[str]) -> tuple[str, str]:
    """What the auditor says of a line; each sort of finding once, and every seventh line is left for another time."""
    key = ".".join(line.ref.split(".")[:2])
    result, evidence = SEEN.get(key, ("conform", "") if line.position % 7 else ("not_sampled", ""))
    return ("conform", "") if result in NOTES and result in noted else (result, evidence)


def _note(chapter: Chapter, audit: Audit, line: ChecklistLine) -> None:
    auditor = chapter.people["auditor"]
    is_kept = line.result == "strength"
    day: dt.date = audit.ends_on or audit.created_at.date()
    finding = findings.note(
        audit=audit, by=auditor, line=line,
        clauses=[link.clause for link in line.clause_links.select_related("clause")],
        values=NOTES[line.result] | {
            "grade": line.result, "evidence": line.evidence, "subject": "Clean room 2",
            "respondent": None if is_kept else chapter.people["processowner"],
            "due_on": None if is_kept else day + dt.timedelta(days=10),
        },
    )  # fmt: skip
    findings.move(finding=finding, name="keep" if is_kept else "open", by=auditor)


def _of(chapter: Chapter, nth: int, status: str) -> list[Finding]:
    rows = Finding.objects.select_related("project__organization", "audit").filter(audit=_audit(chapter, nth))
    return list(rows.filter(status=status).order_by("number"))


def _raise(*, chapter: Chapter, nth: int) -> None:
    for finding in _of(chapter, nth, "open"):
        if finding.grade == "nc_minor":
            findings.raise_nonconformity(finding=finding, by=chapter.people["auditor"])


def _answer(*, chapter: Chapter, nth: int) -> None:
    owner = chapter.people["processowner"]
    for finding in _of(chapter, nth, "open"):
        kept = findings.respond(finding=finding, by=owner, version=finding.version, response=ANSWERS[finding.grade])
        findings.move(finding=kept, name="answer", by=owner)


def _accept(*, chapter: Chapter, nth: int) -> None:
    for finding in _of(chapter, nth, "answered"):
        findings.move(finding=finding, name="accept", by=chapter.people["auditor"])

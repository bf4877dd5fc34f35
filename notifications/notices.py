"""Who hears of which event, and how: the one table. Registers only say what happened (`projects/telling.py`).

In the inbox everything stands. By mail goes what has a `template`: at once or in the digest, as the person chose
(`choice` is the field of their Preference; what has none goes at once), or not at all where they switched it off (`switch`
is the field of User, `stops` what one click in the mail stops; what has none always comes). A new kind is a line here and its words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import day_words, outbox
from jobs import kinds as jobs
from projects.permissions import Perm
from projects.services.task import is_own
from projects.telling import Event


@dataclass(frozen=True)
class Words:
    """What the line says, in the language in force; `needs` is what its reader must hold in the project to see it."""

    title: str
    text: str = ""
    path: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Kind:
    label: Any
    icon: str
    words: Callable[[Event, Any], Words] | None = None
    is_urgent: bool = False
    choice: str = ""
    switch: str = ""
    stops: str = ""
    template: str = ""
    context: Callable[[Event], dict[str, Any]] | None = None


def _assigned(event: Event, person: Any) -> Words:
    tasks = event.subject
    first, own = tasks[0], Perm.VIEW_OWN_WORK
    who = str(event.by) if event.by else event.project.name
    if len(tasks) == 1:
        return Words(
            _("%(task)s is yours: %(title)s") % {"task": first.label, "title": first.title},
            _("Given to you by %(who)s.") % {"who": who},
            first.get_absolute_url(),
            own,
        )
    title = ngettext("%(n)s task is yours", "%(n)s tasks are yours", len(tasks)) % {"n": len(tasks)}
    named = "\n".join(f"{task.label} {task.title}" for task in tasks[:20])
    return Words(title, _("Given to you by %(who)s.") % {"who": who} + "\n" + named, first.get_absolute_url(), own)


def _assigned_mail(event: Event) -> dict[str, Any]:
    return {"tasks": [(task, outbox.absolute(task.get_absolute_url())) for task in event.subject]}


def _mentioned(event: Event, person: Any) -> Words:
    comment = event.subject
    task = comment.task
    said = {"who": str(event.by), "task": task.label, "title": task.title}
    return Words(
        _("%(who)s mentioned you: %(task)s %(title)s") % said,
        comment.text[:1000],
        f"{task.get_absolute_url()}#comments",
        # Who is told because the task is theirs may not read the others.
        Perm.VIEW_OWN_WORK if is_own(task, person) else Perm.VIEW_PROJECT,
    )


def _mentioned_mail(event: Event) -> dict[str, Any]:
    comment = event.subject
    return {
        "comment": comment,
        "task": comment.task,
        "link": outbox.absolute(comment.task.get_absolute_url()),
    }


def _decision(event: Event, person: Any) -> Words:
    approval = event.subject
    said = {"who": str(approval.created_by), "where": f"{event.project.organization.name}, {event.project.name}"}
    asked = _("Asked by %(who)s: %(where)s.") % said
    if approval.due_on:
        asked += " " + _("Decide until %(day)s.") % {"day": day_words.long(approval.due_on)}
    return Words(
        _("Your decision is awaited: %(title)s") % {"title": approval.title},
        f"{asked}\n{approval.note}".strip()[:1000],
        approval.get_absolute_url(),
        Perm.VIEW_PROJECT,
    )


def _decision_mail(event: Event) -> dict[str, Any]:
    return {"approval": event.subject, "link": outbox.absolute(event.subject.get_absolute_url())}


def _delegated(event: Event, person: Any) -> Words:
    held = event.subject
    said = {
        "who": str(held.person),
        "first": day_words.long(held.starts_on),
        "last": day_words.long(held.ends_on),
    }
    return Words(
        _("You decide for %(who)s") % said,
        _("From %(first)s to %(last)s.") % said + f" {held.reason}",
        reverse("approvals:delegations"),
    )


def _portfolio(event: Event, person: Any) -> Words:
    """No client is named here: who reads the line, or the mail, has not signed in to what the report shows."""
    report = event.subject
    count = len(report.shown_projects)
    return Words(
        ngettext("Your portfolio of this week: %(n)s project", "Your portfolio of this week: %(n)s projects", count)
        % {"n": count},
        path=report.get_absolute_url(),
    )


def _portfolio_mail(event: Event) -> dict[str, Any]:
    # A link and not the PDF itself: a mail stays in mailboxes for years, and goes astray; behind the link the report is
    # given to its person alone, and no longer when a client in it is closed to them.
    report = event.subject
    return {
        "count": len(report.shown_projects),
        "report": report,
        "link": outbox.absolute(report.get_absolute_url()),
    }


def _reading(event: Event, person: Any) -> Words:
    document = event.subject
    return Words(
        _("To read and confirm: %(document)s") % {"document": document},
        path=reverse("documents:published-detail", kwargs={**event.project.address, "number": document.label}),
        needs=Perm.READ_PUBLISHED,
    )


def _finding(event: Event, person: Any) -> Words:
    """A finding handed over or returned waits for its auditee, an answered one for its auditors."""
    finding = event.subject
    said = {"finding": finding.label, "audit": finding.audit.label}
    title, text = _("%(finding)s of %(audit)s is answered: judge the response") % said, ""
    if finding.status == "open":
        title = _("%(finding)s of %(audit)s is yours to answer") % said
        if finding.due_on:
            text = _("Respond until %(day)s.") % {"day": day_words.long(finding.due_on)}
    return Words(title, text, finding.get_absolute_url(), Perm.VIEW_OWN_WORK)


def _job(event: Event, person: Any) -> Words:
    job = event.subject
    what = job.subject or jobs.title_of(job.kind)
    if job.is_failed:
        return Words(_("Could not be made: %(what)s") % {"what": what}, job.reason, job.get_absolute_url())
    return Words(_("Ready: %(what)s") % {"what": what}, path=job.url or job.get_absolute_url())


def _record_words(event: Event, title: Any, text: str = "", needs: Perm = Perm.VIEW_OWN_WORK) -> Words:
    """Words about a nonconformity or a proposal; a confidential one is told by its number alone."""
    record = event.subject
    named = record.label if getattr(record, "is_confidential", False) else str(record)
    return Words(str(title) % {"record": named}, text, record.get_absolute_url(), needs)


def _nonconformity_reported(event: Event, person: Any) -> Words:
    said = _("By %(who)s. Accept it with an owner and a grade, or refuse it with a reason.") % {"who": str(event.by)}
    return _record_words(event, _("Reported: %(record)s"), said, Perm.VIEW_PROJECT)


def _nonconformity_owner(event: Event, person: Any) -> Words:
    said = _("Given to you by %(who)s.") % {"who": str(event.by)}
    return _record_words(event, _("%(record)s is yours"), said, Perm.VIEW_PROJECT)


def _nonconformity_progress(event: Event, person: Any) -> Words:
    """What became of what somebody reported."""
    record = event.subject
    said = record.refused_because if record.status == "refused" else ""
    title = {
        "refused": _("Refused: %(record)s"),
        "closed": _("Closed: %(record)s"),
    }.get(record.status, _("Accepted: %(record)s"))
    return _record_words(event, title, said)


def _nonconformity_verify(event: Event, person: Any) -> Words:
    check_on = event.subject.round.check_on
    said = _("Judge it from %(day)s on.") % {"day": day_words.long(check_on)} if check_on else ""
    return _record_words(event, _("Was it effective? %(record)s"), said, Perm.VIEW_PROJECT)


def _nonconformity_judged(event: Event, person: Any) -> Words:
    is_effective = event.subject.status == "verifying"
    title = _("Effective: %(record)s") if is_effective else _("Not effective, a new round begins: %(record)s")
    return _record_words(event, title, "", Perm.VIEW_PROJECT)


def _proposal_reported(event: Event, person: Any) -> Words:
    said = _("By %(who)s. Weigh its benefit and effort.") % {"who": str(event.by)}
    return _record_words(event, _("Proposed: %(record)s"), said, Perm.VIEW_PROJECT)


def _proposal_progress(event: Event, person: Any) -> Words:
    """What became of what somebody proposed."""
    record = event.subject
    title = {
        "refused": _("Refused: %(record)s"),
        "done": _("Carried out: %(record)s"),
        "accepted": _("Accepted: %(record)s"),
    }.get(record.status, _("Taken up again: %(record)s"))
    return _record_words(event, title, record.refused_because or record.result[:500])


def _proposal_owner(event: Event, person: Any) -> Words:
    return _record_words(event, _("%(record)s is yours to carry out"), "", Perm.VIEW_PROJECT)


KINDS: dict[str, Kind] = {
    "decision": Kind(
        gettext_lazy("Decision awaited"), "signature", _decision, is_urgent=True,
        choice="decision", template="decision", context=_decision_mail,
    ),
    "delegated": Kind(gettext_lazy("Delegation"), "users", _delegated),
    "assigned": Kind(
        gettext_lazy("Assignment"), "checkbox", _assigned, is_urgent=True,
        choice="assignment", switch="mail_on_assignment", stops="assignment", template="assigned", context=_assigned_mail,
    ),
    "mentioned": Kind(
        gettext_lazy("Mention"), "at", _mentioned, is_urgent=True,
        choice="mention", switch="mail_on_mention", stops="mention", template="mentioned", context=_mentioned_mail,
    ),
    "portfolio": Kind(
        gettext_lazy("Weekly portfolio"), "layout-grid", _portfolio,
        switch="mail_weekly", stops="weekly", template="portfolio", context=_portfolio_mail,
    ),
    "reading": Kind(gettext_lazy("Document to read"), "book", _reading),
    "finding": Kind(gettext_lazy("Finding"), "flag", _finding),
    "nc-reported": Kind(gettext_lazy("Nonconformity reported"), "alert-triangle", _nonconformity_reported),
    "nc-owner": Kind(gettext_lazy("Nonconformity of yours"), "alert-triangle", _nonconformity_owner),
    "nc-progress": Kind(gettext_lazy("What you reported"), "flag", _nonconformity_progress),
    "nc-verify": Kind(gettext_lazy("Effectiveness to judge"), "eye", _nonconformity_verify),
    "nc-judged": Kind(gettext_lazy("Effectiveness judged"), "checks", _nonconformity_judged),
    "ip-reported": Kind(gettext_lazy("Improvement proposed"), "bulb", _proposal_reported),
    "ip-progress": Kind(gettext_lazy("What you proposed"), "bulb", _proposal_progress),
    "ip-owner": Kind(gettext_lazy("Improvement of yours"), "bulb", _proposal_owner),
    "reminder": Kind(gettext_lazy("Reminder"), "bell"),
    "job": Kind(gettext_lazy("Work done for you"), "file-check", _job),
}  # fmt: skip

NEEDS = (Perm.VIEW_OWN_WORK, Perm.VIEW_PROJECT, Perm.DECIDE, Perm.READ_PUBLISHED)
"""What lines may ask of their reader; one subquery each, so the list is short."""


def of(kind: str) -> Kind:
    return KINDS[kind]

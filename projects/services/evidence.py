"""Evidence of any record: handed in as a file, a link or a citation, withdrawn with a reason, never changed.

What can have evidence and what can be cited stands in projects.evidencing. A change is journaled with the record itself:
task.evidence_added and task.evidence_withdrawn for a task, risk.evidence_added for a risk.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from core import files
from core.rules import RuleBroken
from projects import evidencing, flow, journal
from projects.evidencing import Target
from projects.models import Evidence

MOST = 100


def add_file(*, record: Any, upload: Any, by: Any, title: str = "") -> Evidence:
    """Keeps an uploaded file as evidence. Raises files.Refused with the reason, then nothing is stored; NotPermitted."""
    _permit(evidencing.target_of(record), record, by)
    stored = files.keep(upload, organization_id=record.organization_id)
    return _add(
        record, by, title or stored.name, sha256=stored.sha256, file_name=stored.name, file_type=stored.type,
        size_bytes=stored.size_bytes,
    )  # fmt: skip


def add_link(*, record: Any, link: str, by: Any, title: str = "") -> Evidence:
    """Keeps a web address as evidence; only http and https."""
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc or len(link) > 1000:
        raise RuleBroken(_("This is no web address. It has to begin with https:// or http://."))
    return _add(record, by, title or parts.netloc, link=link)


def cite(*, record: Any, kind: str, pk: int, by: Any, title: str = "") -> Evidence:
    """Cites a record, such as an effective document, as evidence; how it is called now is kept for ever.

    Raises RuleBroken when there is no such record for this person, when it cannot be cited now (its own app says why),
    or when it is cited here already.
    """
    try:
        citable = evidencing.citable.of(kind)
    except KeyError:
        raise RuleBroken(_("This cannot be cited as evidence.")) from None
    with journal.change(record.project, by=by):
        found = citable.load(record.project, by, [pk]).get(pk)
        if found is None:
            raise RuleBroken(_("There is nothing of this number that you could cite. Search for it again."))
        if refusal := citable.refusal(found):
            raise RuleBroken(refusal)
        words = citable.words(found)[:300]
        if _of(record).filter(cited_kind=kind, cited_id=pk, withdrawn_at=None).exists():
            raise RuleBroken(_("“%(words)s” is cited here already.") % {"words": words})
        return _add(record, by, title or words, cited_kind=kind, cited_id=pk, cited_as=words)


CARRIED = ("link", "sha256", "file_name", "file_type", "size_bytes", "cited_kind", "cited_id", "cited_as")


def carry_over(*, source: Any, to: Any, by: Any) -> int:
    """The valid evidence of a record stands at another one that follows from it too; how many pieces. Files are not copied.

    Raises RuleBroken, NotPermitted.
    """
    with journal.change(to.project, by=by):
        pieces = list(_of(source).filter(withdrawn_at=None).order_by("added_at", "pk"))
        for one in pieces:
            _add(to, by, one.title, **{name: getattr(one, name) for name in CARRIED})
    return len(pieces)


def _add(record: Any, by: Any, title: str, **values: Any) -> Evidence:
    target = evidencing.target_of(record)
    with journal.change(record.project, by=by) as log:
        fresh = target.load(record.project, record.pk)
        if fresh is None:
            raise RuleBroken(_("%(record)s is not there any more.") % {"record": record})
        _permit(target, fresh, by)
        if _of(fresh).count() >= MOST:
            raise RuleBroken(
                _(
                    "A record holds at most %(most)s pieces of evidence, withdrawn ones included. Add the rest elsewhere."
                )
                % {"most": MOST}
            )
        evidence = Evidence.objects.create(
            organization_id=fresh.organization_id, project=fresh.project, target_kind=target.kind, target_id=fresh.pk,
            title=title[:200], added_by=by, **values,
        )  # fmt: skip
        _count(target, fresh)
        log(fresh, f"{target.noun}.evidence_added", _told(evidence, target.is_confidential(fresh)))
    return evidence


def withdraw(*, evidence: Evidence, reason: str, by: Any) -> Evidence:
    """Takes evidence back with a reason; the row and the file stay for the record. Raises RuleBroken, NotPermitted."""
    target = evidencing.targets.of(evidence.target_kind)
    if not reason.strip():
        raise RuleBroken(_("Say why the evidence is withdrawn."))
    with journal.change(evidence.project, by=by, reason=reason) as log:
        fresh = target.load(evidence.project, evidence.target_id)
        if fresh is None or not may_withdraw(evidence, fresh, by):
            raise flow.NotPermitted(
                _("Only who added “%(title)s”, or who answers for the whole register, may withdraw it.")
                % {"title": evidence}
            )
        changed = _of(fresh).filter(pk=evidence.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_reason=reason.strip()[:500]
        )  # fmt: skip
        if not changed:
            raise RuleBroken(_("“%(title)s” was withdrawn already.") % {"title": evidence})
        _count(target, fresh)
        log(fresh, f"{target.noun}.evidence_withdrawn", _told(evidence, target.is_confidential(fresh)))
    evidence.refresh_from_db()
    return evidence


def may_withdraw(evidence: Evidence, record: Any, user: Any) -> bool:
    """Who answers for all records of the sort, and who added it while they may still add."""
    target = evidencing.target_of(record)
    return target.may_manage(record, user) or (evidence.added_by_id == user.pk and target.may_add(record, user))


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether a row of this organization names a stored file: the sweep asks."""
    return Evidence.objects.filter(organization=organization_id, sha256=sha256).exists()


def _of(record: Any) -> Any:
    return Evidence.objects.filter(
        project=record.project, target_kind=evidencing.kind_of(record), target_id=record.pk
    )  # fmt: skip


def _permit(target: Target, record: Any, by: Any) -> None:
    if not target.may_add(record, by):
        raise flow.NotPermitted(_("You may not add evidence to %(record)s.") % {"record": target.label(record)})


def _count(target: Target, record: Any) -> None:
    target.count(record, _of(record).filter(withdrawn_at=None).count())


def _told(evidence: Evidence, is_confidential: bool) -> dict[str, str]:
    facts = {
        "title": evidence.title, "file": evidence.file_name, "sha256": evidence.sha256, "link": evidence.link,
        "cited": evidence.cited_as,
    }  # fmt: skip
    if is_confidential:
        facts = {name: value if name == "sha256" else value and _("confidential") for name, value in facts.items()}
    return {name: value for name, value in facts.items() if value}

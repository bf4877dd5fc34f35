"""The work of a report's job: read, lay out, print, keep. Sits above the services, like every task."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from core import dates, files
from core.rules import RuleBroken
from jobs.kinds import Kind
from jobs.models import Job
from jobs.running import Run
from projects import access

from . import frame, kinds, press
from .forms.parameters import ParametersForm, in_words
from .models.report import FOLDER, OWN_FOLDER
from .selectors import own
from .selectors.report import JOB
from .services import own as own_services
from .services import report as services

READING, LAYING_OUT, WRITING = 5, 25, 90


@dataclass(frozen=True)
class Made:
    """A printed report whose bytes are stored and whose row is still to be written."""

    mark: str
    title: str
    language: str
    said: list[tuple[str, str]]
    sha256: str
    size_bytes: int
    pages: int
    made_at: dt.datetime
    organization: Organization | None
    projects: tuple[int, ...] = ()


def mark_of(job: Job) -> str:
    """The number printed on each page: the same at every attempt, and nothing that could be counted up."""
    digest = hashlib.sha256(f"{job.pk}:{job.created_at.isoformat()}:{job.key}".encode()).hexdigest().upper()
    return f"{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


def scope_of(job: Job) -> Any:
    return job.project or job.organization


def may(job: Job) -> bool:
    """Whether the person holds the report's own permission at this moment."""
    kind = kinds.of(job.parameters.get("kind", ""))
    if kind.scope == "person":
        return own.may_have(job.actor, kind)
    return job.actor is not None and scope_of(job) is not None and access.can(job.actor, kind.perm, scope_of(job))


def asked_of(job: Job, kind: kinds.ReportKind) -> tuple[kinds.Asked, list[tuple[str, str]]]:
    """What to make, with the rights and the choices of this moment. Raises RuleBroken for a choice that is gone."""
    language = job.parameters["language"]
    form_class = kind.form or ParametersForm
    form = form_class({**job.parameters["parameters"], "language": language}, project=job.project, by=job.actor)
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        raise RuleBroken(_("The report cannot be made as it was asked for: %(why)s Ask for it again.") % {"why": first})
    is_personal = kind.scope == "person"
    organization = own.firm_of(job.actor) if is_personal else job.organization or job.project.organization
    asked = kinds.Asked(
        project=job.project,
        organization=organization,
        by=job.actor,
        parameters=form.cleaned_data,
        today=dates.today(job.actor.time_zone if is_personal else organization.time_zone),
        perms=frozenset() if is_personal else access.perms_in(job.actor, scope_of(job)),
        language=language,
    )
    return asked, in_words(form)


def work(run: Run) -> Made:
    """Makes the PDF and stores its bytes; a worker that dies here leaves nothing but a file that is swept."""
    job = run.job
    kind = kinds.of(job.parameters["kind"])
    run.progress(READING, _("Reading the data"))
    with translation.override(job.parameters["language"]):
        asked, said = asked_of(job, kind)
    made_at = timezone.now()
    sheet = frame.render(kind, asked, mark=mark_of(job), made_at=made_at, said=said)

    furthest = 0

    def check(step: int, page: int) -> None:
        nonlocal furthest
        furthest = max(furthest, page)  # the contents are laid out a second time when the pages are known
        if step > 5:
            run.progress(WRITING, _("Writing the PDF"))
        elif furthest:
            run.progress(min(LAYING_OUT + furthest, WRITING - 5), _("Laying out page %(page)s") % {"page": furthest})
        else:
            run.progress(LAYING_OUT, _("Laying out the pages"))

    printed = press.printed(sheet.html, title=sheet.title, css=sheet.css, images=sheet.images, check=check)
    whose = asked.organization
    owner, folder = (job.actor.pk, OWN_FOLDER) if kind.scope == "person" else (whose.pk, FOLDER)
    sha256 = files.store(printed.pdf, organization_id=owner, folder=folder)
    return Made(
        mark_of(job), sheet.title, asked.language, said, sha256, len(printed.pdf), printed.pages, made_at, whose,
        sheet.projects,
    )  # fmt: skip


def effect(run: Run, made: Made) -> dict[str, Any]:
    """Writes the report down, in the transaction that ends the job."""
    job = run.job
    kind = kinds.of(job.parameters["kind"])
    values = {
        "kind": kind, "mark": made.mark, "title": made.title, "language": made.language,
        "parameters": job.parameters["parameters"], "said": made.said, "sha256": made.sha256,
        "size_bytes": made.size_bytes, "pages": made.pages, "made_at": made.made_at,
    }  # fmt: skip
    if kind.scope == "person":
        report = own_services.keep(job=job, firm=made.organization, projects=made.projects, **values)
    else:
        report = services.keep(job=job, **values)
    return {"url": report.get_absolute_url(), "mark": made.mark}


KIND = Kind(JOB, gettext_lazy("Report"), work=work, effect=effect, may=may, announces=True, icon="report-analytics")

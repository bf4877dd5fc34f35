"""Risks for tests: one call, one thing."""

from __future__ import annotations

import itertools
from typing import Any

from approvals.services import decision
from approvals.services import request as requests
from pdca.models import Control, ControlTheme, Standard
from projects.models import Project
from risks.models import Asset, Edition, Rating, Risk, Soa
from risks.selectors import criteria as selectors
from risks.services import asset as assets
from risks.services import criteria, rating
from risks.services import risk as risks
from risks.services import soa as soas

_number = itertools.count(1)


def make_edition(project: Project, by: Any, decider: Any, starter: str = "5x5", **content: Any) -> Edition:
    """Criteria from a starter, approved; `content` replaces parts of it. Called again: the next edition."""
    record = selectors.of_project(project)
    if record is None:
        record = criteria.begin(project=project, by=by, starter=starter)
    if content:
        record = criteria.write(
            project=project, by=by, version=record.version, method=record.method, content={**record.content, **content}
        )
    asked = requests.ask(
        kind="risk_criteria", project=project, pk=record.pk, by=by, steps=[requests.Planned([decider])]
    )
    decision.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )
    return selectors.in_force(project)


def make_risk(project: Project, by: Any, **values: Any) -> Risk:
    """A risk; with `owner=` it is identified, without one a draft."""
    chosen = values.pop("assets", ())
    return risks.create(project=project, by=by, values={"title": f"Risk {next(_number)}"} | values, assets=chosen)


def rate(risk: Risk, by: Any, likelihood: int, consequence: int, kind: str = "current", **more: Any) -> Rating:
    found = rating.rate(risk=risk, by=by, kind=kind, likelihood=likelihood, consequence=consequence, **more)
    risk.refresh_from_db()
    return found


def make_asset(project: Project, by: Any, **values: Any) -> Asset:
    return assets.create(
        project=project, by=by, values={"kind": "information", "name": f"Asset {next(_number)}"} | values
    )


def make_control_set(slug: str = "set-a", controls: int = 6) -> Standard:
    """A small control set of two themes, for tests that do not need the catalogue: C.1 …"""
    standard = Standard.objects.create(
        slug=slug, code=f"Set {slug}", title=f"Controls of {slug}", edition="1", kind="controls", discipline="test",
        uses_hs=False, is_certifiable=False,
    )  # fmt: skip
    themes = [
        ControlTheme.objects.create(standard=standard, slug=name, ref=f"C{k}", title=name.title(), position=k)
        for k, name in enumerate(("people", "technology"), start=1)
    ]
    for n in range(1, controls + 1):
        Control.objects.create(
            standard=standard, theme=themes[n % 2], ref=f"C.{n}", title=f"Control {n}", intent=f"Intent {n}",
            attributes={"control_type": ["preventive" if n % 2 else "detective"]}, position=n,
        )  # fmt: skip
    return standard


def make_soa(project: Project, by: Any, standard: Standard | None = None) -> Soa:
    return soas.begin(project=project, by=by, standard=standard or make_control_set(f"set-{next(_number)}"))

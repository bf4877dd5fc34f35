"""Projects of every size for the tests of reports, and what was printed of them, box by box."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from projects import access
from projects.models import PlanActivity, Project, Task
from projects.permissions import Perm
from projects.services import counters
from reports import frame, kinds, press, pressroom
from reports.kinds import Asked
from tests.factories.projects import MONDAY, make_organization, make_project, make_task, small_catalogue

LONG = "Überwachungsinstrumentenkalibrierungsnachweis " * 4 + "für die Prüfung"
TODAY = dt.date(2026, 6, 15)
assert len(LONG) <= 200


def asked_for(project: Project, by: Any = None, *, language: str = "en", perms: Any = None, **parameters: Any) -> Asked:
    """What a job would ask for; every right unless a person or `perms` say otherwise."""
    if perms is None:
        perms = access.perms_in(by, project) if by is not None else frozenset(Perm)
    return Asked(
        project=Project.objects.select_related("organization", "catalogue").get(pk=project.pk),
        organization=project.organization,
        by=by,
        parameters=parameters,
        today=TODAY,
        perms=frozenset(perms),
        language=language,
    )


def small(tasks: int = 5, *, name: str = "Small system", title: str = "", **fields: Any) -> Project:
    """A project with one step, two activities and some tasks in every state."""
    project = make_project(make_organization(name=fields.pop("organization", "Alpenblick")), name=name, **fields)
    add_tasks(project, tasks, title=title)
    return project


def empty() -> Project:
    """A project whose plan has nothing in it."""
    project = Project(
        organization=make_organization(name="Seefeld"), slug="empty", name="Empty system", catalogue=small_catalogue(),
        start_on=MONDAY,
    )  # fmt: skip
    project._change_reason = ""
    project.save()
    return project


def add_tasks(project: Project, count: int, *, title: str = "", person: Any = None) -> None:
    """Tasks in every state, spread over the plan's activities; the counters know of them."""
    activities = list(PlanActivity.objects.filter(project=project).order_by("pk"))
    states = ("done", "open", "in_progress", "blocked", "open", "cancelled")
    last = Task.objects.filter(project=project).order_by("-number").values_list("number", flat=True).first() or 0
    rows = []
    for n in range(count):
        status = states[n % len(states)]
        rows.append(
            Task(
                organization_id=project.organization_id, project=project, number=last + 1 + n,
                title=title or f"Task for the step {n + 1}", activity=activities[n % len(activities)], status=status,
                is_open=status in ("open", "in_progress", "blocked"), assignee=person,
                assignee_role="" if person else "process_owner", due_on=TODAY + dt.timedelta(days=(n * 7) % 120 - 100),
                blocked_reason="The supplier has not answered." if status == "blocked" else "",
                effort_hours_planned=Decimal("2.5"),
                completed_at=dt.datetime(2026, 6, 10, 9, tzinfo=dt.UTC) if status == "done" else None,
            )
        )  # fmt: skip
    Task.objects.bulk_create(rows)
    Project.objects.filter(pk=project.pk).update(last_task_number=last + count)
    counters.recount(Project.objects.get(pk=project.pk))


def html_of(slug: str, asked: Asked) -> frame.Sheet:
    return frame.render(kinds.of(slug), asked, mark="TEST-0000", made_at=timezone.now())


def printed_of(slug: str, asked: Asked) -> bytes:
    """The real PDF, through the frame and the press."""
    sheet = html_of(slug, asked)
    return press.press(sheet.html, title=sheet.title, css=sheet.css, images=sheet.images)


# ---- boxes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A piece of text on a page, in CSS pixels; `within` are the tags around it, outermost first."""

    page: int
    text: str
    left: float
    top: float
    width: float
    height: float
    within: tuple[str, ...]

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def overlaps(self, other: Box, slack: float = 1.5) -> bool:
        return (
            self.left + slack < other.right
            and other.left + slack < self.right
            and self.top + slack < other.bottom
            and other.top + slack < self.bottom
        )


@dataclass(frozen=True)
class Sheet:
    """A page with its texts; `content_bottom` is where its text must end."""

    number: int
    width: float
    height: float
    content_bottom: float
    boxes: tuple[Box, ...]
    pictures: tuple[Box, ...] = ()

    @property
    def flow(self) -> list[Box]:
        """Without the running lines, which are cut at their edge, and what only readers aloud get."""
        return [box for box in self.boxes if not set(box.within) & {"@margin", "unseen"}]


@lru_cache(maxsize=1)
def _shop() -> pressroom.Shop:
    return pressroom.Shop(Path(settings.ROOT) / "static")


def laid_out(sheet: frame.Sheet, *, more_css: str = "") -> list[Sheet]:
    """The pages as WeasyPrint lays them out with the reports' own style; nothing is written."""
    shop = _shop()
    fetcher = pressroom.make_fetcher({**shop.assets, **sheet.images}, [])
    styles = list(shop.styles)
    for css in (sheet.css, more_css):
        if css:
            styles.append(shop.weasyprint.CSS(string=css, font_config=shop.fonts, url_fetcher=fetcher))
    document = shop.weasyprint.HTML(string=sheet.html, url_fetcher=fetcher).render(
        font_config=shop.fonts, stylesheets=styles
    )
    return [_sheet(number, page._page_box) for number, page in enumerate(document.pages, 1)]


def _sheet(number: int, page: Any) -> Sheet:
    boxes: list[Box] = []
    pictures: list[Box] = []
    _walk(page, number, (), boxes, pictures)
    bottom = page.content_box_y() + page.height
    return Sheet(number, page.margin_width(), page.margin_height(), bottom, tuple(boxes), tuple(pictures))


def _walk(box: Any, page: int, within: tuple[str, ...], found: list[Box], pictures: list[Box]) -> None:
    kind = type(box).__name__
    if kind == "MarginBox":
        within = (*within, "@margin")
    elif box.element is not None and box.element_tag and not box.element_tag.startswith("@"):
        css = (box.element.get("class") or "").split() if hasattr(box.element, "get") else []
        within = (*within, box.element_tag.split("::")[0], *(name for name in css if name in ("unseen", "cover")))
    if kind == "TextBox":
        if box.text.strip() and box.width > 0.1:
            found.append(Box(page, box.text, box.position_x, box.position_y, box.width, box.height, within))
        return
    if kind.endswith("ReplacedBox"):
        pictures.append(Box(page, "", box.position_x, box.position_y, box.width, box.height, within))
    for child in getattr(box, "children", ()):
        _walk(getattr(child, "_box", child), page, within, found, pictures)
    # A table in a page keeps its rows as children; footnotes and placeholders are not used by reports.


__all__ = [
    "LONG",
    "TODAY",
    "add_tasks",
    "asked_for",
    "empty",
    "html_of",
    "laid_out",
    "make_task",
    "printed_of",
    "small",
]

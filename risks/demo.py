"""The criteria of the demo: approved at Alpenblick, being written at Seefeld."""

from __future__ import annotations

from typing import Any

from approvals.selectors import approval as approvals
from approvals.services import decision
from approvals.services import request as requests
from projects.demo import Chapter
from projects.demo.clock import shifted
from projects.models import PlanActivity

from .selectors import criteria as selectors
from .services import criteria as services


def tell(chapter: Chapter) -> None:
    match chapter.project.organization.slug:
        case "alpenblick":
            ends = PlanActivity.objects.get(project=chapter.project, number="1.7.2").ends_on
            written = min(shifted(ends, -3), chapter.story.days_ago(12))
            story, boss = chapter.story, chapter.people["management"]
            story.add(story.moment(written, 9, 11), _begin, chapter=chapter, starter="5x5")
            story.add(story.moment(shifted(written, 1), 9, 11), _ask, chapter=chapter, decider=boss)
            story.add(story.moment(shifted(written, 3), 15, 17), _sign, chapter=chapter, decider=boss)
        case "seefeld":
            day = chapter.story.days_ago(5)
            chapter.story.add(chapter.story.moment(day, 9, 11), _begin, chapter=chapter, starter="4x4")


def _begin(*, chapter: Chapter, starter: str) -> None:
    services.begin(project=chapter.project, by=chapter.people["manager"], starter=starter)


def _ask(*, chapter: Chapter, decider: Any) -> None:
    record = selectors.of_project(chapter.project)
    requests.ask(
        kind=services.KIND, project=chapter.project, pk=record.pk, by=chapter.people["manager"],
        steps=[requests.Planned([decider])],
    )  # fmt: skip


def _sign(*, chapter: Chapter, decider: Any) -> None:
    asked = approvals.standing_of(services.KIND, selectors.of_project(chapter.project)).asked
    decision.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest,
        proof=decision.Proof("password", "192.0.2.14"),
    )  # fmt: skip

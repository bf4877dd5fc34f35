"""Whom a change concerns: a task was given to them, somebody mentioned them, an invitation waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import outbox
from projects import telling
from projects.models import Invitation, Task, TaskComment


def assigned(tasks: Sequence[Task], *, by: Any) -> None:
    """One event for each person with all tasks given to them in one change; nothing for what people give themselves."""
    by_person: dict[Any, list[Task]] = {}
    for task in tasks:
        if task.assignee and task.assignee != by and task.is_open:
            by_person.setdefault(task.assignee, []).append(task)
    telling.tell(
        *(
            telling.Event(
                "assigned", people=[person], by=by, subject=theirs, project=theirs[0].project,
                key=f"{theirs[0].pk}:{theirs[0].version}",
            )
            for person, theirs in by_person.items()
        )
    )  # fmt: skip


def mentioned(comment: TaskComment, people: Sequence[Any], *, by: Any) -> None:
    others = [person for person in people if person != by]
    if others:
        telling.tell(
            telling.Event(
                "mentioned", people=others, by=by, subject=comment, project=comment.project, key=f"{comment.pk}"
            )
        )


def invited(invitation: Invitation, *, recipient: Any, link: str) -> None:
    """`recipient` has `email` and `language`; the link carries the secret, so the key changes with every sending."""
    outbox.write(
        key=f"invitation:{invitation.pk}:{invitation.token_sha256[:16]}",
        recipient=recipient,
        template="invitation",
        context={"invitation": invitation, "link": outbox.absolute(link)},
        is_secret=True,
    )

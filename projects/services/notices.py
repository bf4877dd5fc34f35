"""What people are told at once: a task was given to them, somebody mentioned them, an invitation waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import outbox
from projects.models import Invitation, Task, TaskComment


def assigned(tasks: Sequence[Task], *, by: Any) -> None:
    """One mail to each person for all tasks given to them in one change; nothing for what people give themselves."""
    by_person: dict[Any, list[Task]] = {}
    for task in tasks:
        person = task.assignee
        if person and person != by and person.mail_on_assignment and task.is_open:
            by_person.setdefault(person, []).append(task)
    for person, theirs in by_person.items():
        first = theirs[0]
        outbox.write(
            key=f"assigned:{person.pk}:{first.pk}:{first.version}",
            recipient=person,
            template="assigned",
            context={
                "by": by,
                "project": first.project,
                "organization": first.project.organization,
                "tasks": [(task, outbox.absolute(task.get_absolute_url())) for task in theirs],
            },
        )


def mentioned(comment: TaskComment, people: Sequence[Any], *, by: Any) -> None:
    for person in people:
        if person != by and person.mail_on_mention:
            outbox.write(
                key=f"mentioned:{comment.pk}:{person.pk}",
                recipient=person,
                template="mentioned",
                context={
                    "by": by,
                    "comment": comment,
                    "task": comment.task,
                    "project": comment.project,
                    "organization": comment.project.organization,
                    "link": outbox.absolute(comment.task.get_absolute_url()),
                },
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

"""Who hears of a nonconformity or a proposal: said here, in the transaction of the change (projects.telling).

Who reported it hears what becomes of it; who answers for it that it is theirs; who verifies that it is time; who manages
nonconformities that there is a new one. A confidential one is told by its number alone.
"""

from __future__ import annotations

from typing import Any

from projects import access, telling
from projects.permissions import Role

PROGRESS = ("accept", "refuse", "close", "reopen")
"""The moves of which the reporter hears."""


def _tell(kind: str, record: Any, people: list[Any], by: Any, what: str) -> None:
    told = [person for person in people if person is not None]
    if told:
        key = f"{record._meta.model_name}:{record.pk}:{record.version}:{what}"
        telling.tell(telling.Event(kind, told, by, record, key, project=record.project))


def _managers(project: Any) -> list[Any]:
    """Who accepts: the project managers; where there is none, the consultants."""
    return list(access.people_as(project, [Role.PROJECT_MANAGER])) or list(access.people_as(project, [Role.CONSULTANT]))


def reported(record: Any, by: Any) -> None:
    _tell("nc-reported", record, _managers(record.project), by, "reported")
    if record.owner_id is not None:
        given(record, by)


def given(record: Any, by: Any) -> None:
    """It has an owner now, or another one."""
    _tell("nc-owner", record, [record.owner], by, f"owner-{record.owner_id}")


def moved(record: Any, move: str, by: Any) -> None:
    if move in PROGRESS:
        _tell("nc-progress", record, [record.created_by], by, move)
    if move == "verify":
        _tell("nc-verify", record, [record.round.verifier], by, f"verify-{record.round.number}")


def judged(record: Any, verdict: str, by: Any) -> None:
    """The owner hears the verdict."""
    _tell("nc-judged", record, [record.owner], by, f"judged-{verdict}-{record.version}")


def proposed(record: Any, by: Any) -> None:
    _tell("ip-reported", record, _managers(record.project), by, "reported")


def decided(record: Any, move: str, by: Any) -> None:
    """Who proposed it hears what was decided; who carries it out that it is theirs."""
    if move in ("accept", "refuse", "finish", "reopen"):
        _tell("ip-progress", record, [record.created_by], by, move)
    if move == "accept":
        _tell("ip-owner", record, [record.owner], by, "owner")

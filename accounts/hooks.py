"""Questions that accounts has to ask, and that only apps above it can answer.

An upper app hangs its answer here in its `apps.py`:

    from accounts import hooks
    hooks.signs.append(person_holds_an_approving_role)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User

#: Does this person sign anything (holds a role that approves)? One True is enough. Asked when MFA_REQUIRED=signers.
signs: list[Callable[[User], bool]] = []


#: Somebody's name or address is new. Called after the commit; a follower must not fail.
person_changed: list[Callable[[User], None]] = []


def tell_changed(person: User) -> None:
    for follow in person_changed:
        follow(person)


def person_signs(user: User) -> bool:
    return any(answer(user) for answer in signs)

"""Who wants to hear that an audit changed: parts of the app that hold something which depends on it.

following.followers.append(void_the_request_for_the_signature)     # (audit, by), inside the change
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

followers: list[Callable[[Any, Any], None]] = []


def tell(audit: Any, by: Any) -> None:
    for follower in followers:
        follower(audit, by)

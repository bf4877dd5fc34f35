"""What apps above want to hear from approvals: they hang themselves up in their `apps.py`.

    hooks.approved.append(print_the_signed_document)

`approved` is called with the approval that has just come into force, in the transaction of its last signature, with the
person who gave it: a follower writes rows or asks for a job, and does nothing slow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

approved: list[Callable[[Any, Any], None]] = []

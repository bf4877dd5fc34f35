"""What the tests of notices share: the project with its people."""

from __future__ import annotations

from tests.projects.conftest import crew

__all__ = ["crew"]

"""Drafting from a starter model."""

from typing import Any

urlpatterns: list[Any] = []

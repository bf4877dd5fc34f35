"""Mandatory documented information."""

from typing import Any

urlpatterns: list[Any] = []

"""Retention and disposal of records."""

from typing import Any

urlpatterns: list[Any] = []

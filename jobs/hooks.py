"""Whoever wants to hear of a job's end hangs a function here; it runs in the transaction that ends the job."""

from __future__ import annotations

from collections.abc import Callable

from .models import Job

ended: list[Callable[[Job], None]] = []

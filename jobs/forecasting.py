"""The forecasts of all running projects, kept once a day by the schedule. Twice does no harm."""

from __future__ import annotations

import logging
from typing import Any

from projects.services import forecast

log = logging.getLogger(__name__)

FORECAST = "forecast"


def work(run: Any) -> dict[str, int]:
    """Plays every running project and keeps what came of it (projects.services.forecast)."""
    found = forecast.keep_all(run.progress)
    log.info("forecast: %s", ", ".join(f"{count} {name}" for name, count in found.items()))
    return found

"""The nightly job: what went out or was reminded long ago is forgotten."""

from __future__ import annotations

from typing import Any

from core import dates, outbox
from notifications.services import reminder as services

KIND = "mail-care"


def work(run: Any) -> dict[str, int]:
    return {"mails": outbox.clear(), "reminders": services.forget_old(dates.today("UTC"))}

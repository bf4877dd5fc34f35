"""The two queues and what waits in them: quick work of the schedule, and work that takes seconds to minutes.

They have workers of their own, so that forty reports never make a mail or the heartbeat late.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager

from celery import current_app

log = logging.getLogger(__name__)

QUICK, LONG = "celery", "jobs"
QUEUES = (QUICK, LONG)


@contextmanager
def channel():
    """A channel to the broker, or its error within seconds: never a wait without end."""
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=3)
        yield broker.default_channel


def waiting(queue: str) -> int | None:
    """How many messages wait in a queue; None where the broker does not answer."""
    try:
        with channel() as opened:
            return opened._size(queue)
    except Exception as error:  # every broker raises its own
        log.warning("The queue %s could not be counted: %s", queue, type(error).__name__)
        return None

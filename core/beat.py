"""The schedule runs once: a second beat on the same folder says so and stops."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler


class LockedScheduler(PersistentScheduler):
    """Celery's scheduler with a lock beside its file, and a mark of life that a container's health check reads."""

    def setup_schedule(self) -> None:
        folder = Path(self.schedule_filename).parent
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = (folder / "beat.lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(
                "Another beat already runs on this folder; this one stops, or every job would run twice."
            ) from None
        self.alive = folder / "beat.alive"
        super().setup_schedule()
        self.app.send_task("core.tasks.tick", expires=60)  # so that an installation is ready soon after its start

    def tick(self, *args: Any, **kwargs: Any) -> float:
        self.alive.touch()
        os.utime(self.alive)
        return min(super().tick(*args, **kwargs), 30.0)

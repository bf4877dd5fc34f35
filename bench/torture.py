"""300 jobs and 50 `kill -9`: what was asked for happens, once. (RELIABILITY T19, T21)

    python -m bench.torture                                    SQLite and the queue of files
    python -m bench.torture --postgres postgres://…/ --redis redis://…/7
    python -m bench.torture --fault flush --fault torn         and the queue is lost in the middle

It makes an installation of its own (a folder, or a database and an empty Redis number), starts beat and workers, keeps
starting again whoever was killed, and counts effects. It prints its seed; the exit code says whether all held.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS_AFTER = 90
MOST_SECONDS = 900
WORKER = ["worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]


@dataclass
class Outcome:
    """What was found when nothing was left to do."""

    mode: str
    seed: int
    jobs: int
    kills: int
    faults: list[str]
    effects: int = 0
    missing: int = 0
    doubled: int = 0
    of_rolled_back: int = 0
    half: int = 0
    states: dict[str, int] = field(default_factory=dict)
    interrupted: int = 0
    kills_not_made: int = 0
    most_attempts: int = 0
    seconds: float = 0.0
    seconds_after_last_kill: float = 0.0
    stopped: dict[str, Any] = field(default_factory=dict)
    deaths_of_themselves: list[int] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return (
            self.effects == self.jobs
            and not self.kills_not_made
            and not (self.missing or self.doubled or self.of_rolled_back or self.half)
            and set(self.states) == {"done"}
            and self.seconds_after_last_kill <= MOST_SECONDS_AFTER
            and not self.deaths_of_themselves
            and all(state == ["done", 1] for state in self.stopped.get("jobs", []))
        )


# --- The installation under torture ----------------------------------------------------------------


class Part:
    """One process that is started again as soon as it is gone, as a container's restart policy does."""

    def __init__(self, name: str, arguments: list[str], log: Path) -> None:
        self.name, self.log = name, log
        self.command = [sys.executable, "-m", "celery", "-A", "bench.torture_worker", *arguments]
        self.process, self.is_hurt = None, False
        self.deaths: list[int] = []
        self.groups: list[int] = []

    def look_after(self) -> None:
        if self.process is not None:
            if self.process.poll() is None:
                return
            # Celery's main process ends by itself when its children are killed while it starts: that is the kill's doing.
            if self.process.returncode != -signal.SIGKILL and not self.is_hurt:
                self.deaths.append(self.process.returncode)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own program)
                self.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.is_hurt = False
        self.groups.append(self.process.pid)

    def victims(self) -> list[int]:
        """The process itself, and its children where it has any."""
        if self.process is None or self.process.poll() is not None:
            return []
        with contextlib.suppress(OSError):
            return [
                self.process.pid,
                *map(int, Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()),
            ]
        return [self.process.pid]

    def end(self) -> None:
        """Every group this part ever started: a killed parent may have left children."""
        for group in self.groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()


def parts(folder: Path) -> list[Part]:
    log = folder / "parts.log"
    return [
        Part("jobs-1", [*WORKER, "-Q", "jobs", "-n", "jobs1@%h"], log),
        Part("jobs-2", [*WORKER, "-Q", "jobs", "-n", "jobs2@%h"], log),
        Part("quick", [*WORKER, "-Q", "celery", "-n", "quick@%h", "-c", "2"], log),
        Part("beat", ["beat", "--loglevel", "WARNING", "--pidfile="], log),
    ]


@contextlib.contextmanager
def installation(postgres: str, redis: str):
    """An empty installation in this process's environment; gone afterwards. Yields its folder."""
    folder = Path(tempfile.mkdtemp(prefix="ims2-torture-"))
    os.environ.update(
        IMS2_VAR=str(folder), DJANGO_SETTINGS_MODULE="ims2.settings", LOG_LEVEL="WARNING", DATABASE_URL="", REDIS_URL=""
    )
    name = f"ims2_torture_{os.getpid()}"
    if postgres:
        run_sql(postgres, f'CREATE DATABASE "{name}"')
        os.environ["DATABASE_URL"] = f"{postgres.rpartition('/')[0]}/{name}"
    if redis:
        import redis as client

        broker = client.Redis.from_url(redis)
        if broker.dbsize():
            raise SystemExit(f"{redis} is not empty; name a number that nothing else uses.")
        os.environ["REDIS_URL"] = redis
    try:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, check=True)  # noqa: S603
        yield folder
    finally:
        if redis:
            broker.flushdb()
        if postgres:
            from django.db import connections

            connections.close_all()
            run_sql(postgres, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(folder, ignore_errors=True)


def run_sql(server: str, sql: str) -> None:
    import psycopg2

    where = urlsplit(server)
    connection = psycopg2.connect(
        host=where.hostname, port=where.port or 5432, user=where.username, password=where.password, dbname="postgres"
    )
    connection.autocommit = True
    try:
        connection.cursor().execute(sql)
    finally:
        connection.close()


# --- The load --------------------------------------------------------------------------------------


class Load:
    """Asks for jobs as pages do: in transactions, some of which fail, some of which ask twice."""

    def __init__(self, chance: random.Random, count: int) -> None:
        self.chance, self.count = chance, count
        self.wanted: list[str] = []
        self.rolled_back: list[str] = []

    def ask(self) -> None:
        from django.db import transaction

        from bench.torture_worker import SORTS
        from jobs import ledger

        number = len(self.wanted)
        kind = self.chance.choices(SORTS, weights=(5, 3, 2))[0]
        seconds = round(self.chance.uniform(0.2, 2.5) if kind != "torture-reminder" else self.chance.uniform(0, 0.2), 2)
        key = f"{kind}:{number}"
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            lost = f"{kind}:lost-{number}"
            if self.chance.random() < 0.1:
                self.rolled_back.append(lost)
                ledger.ask(kind=kind, key=lost, parameters={"seconds": 0})
                _ = 1 / 0
        with transaction.atomic():
            ledger.ask(kind=kind, key=key, is_once=True, parameters={"seconds": seconds})
            if self.chance.random() < 0.1:
                ledger.ask(kind=kind, key=key, is_once=True)
        self.wanted.append(key)

    def is_asked(self) -> bool:
        return len(self.wanted) == self.count


def lose_the_queue(redis: str, folder: Path) -> None:
    if redis:
        import redis as client

        client.Redis.from_url(redis).flushdb()
    else:
        shutil.rmtree(folder / "queue", ignore_errors=True)


def tear_messages(redis: str, folder: Path) -> None:
    """Half a message in each queue, first in line."""
    for queue in ("jobs", "celery"):
        if redis:
            import redis as client

            client.Redis.from_url(redis).rpush(queue, b'{"body": "half of a mess')
        else:
            waiting = folder / "queue" / "waiting"
            waiting.mkdir(parents=True, exist_ok=True)
            (waiting / f"{0:020d}_torn{time.monotonic_ns()}.{queue}.msg").write_bytes(b'{"body": "half of a mess')


FAULTS: dict[str, Callable[[str, Path], None]] = {"flush": lose_the_queue, "torn": tear_messages}


# --- The torture -----------------------------------------------------------------------------------


def torture(
    *, jobs: int, kills: int, seed: int, faults: list[str], folder: Path, redis: str, say: Callable[[str], Any]
) -> Outcome:
    """Asks for `jobs`, kills `kills` times meanwhile, waits until nothing is left and counts."""
    from django.db import connection

    import bench.torture_worker as work
    from jobs.models.job import LIVE, Job

    chance = random.Random(seed)  # noqa: S311
    mode = f"{connection.vendor} and {'Redis' if redis else 'files'}"
    outcome = Outcome(mode, seed, jobs, kills, faults)
    say(f"{mode}: {jobs} jobs, {kills} kills, seed {seed}, faults: {', '.join(faults) or 'none'}")
    with connection.cursor() as cursor:
        for table in work.TABLES:
            cursor.execute(table)
    load, running = Load(chance, jobs), parts(folder)
    began = time.monotonic()
    try:
        for part in running:
            part.look_after()
        until(_listens, 60, running)
        time.sleep(3)
        began = time.monotonic()
        last_kill = began
        # By the progress of the work and not by the clock: on a slow machine too the kills meet work and not only starts.
        kill_at = sorted(chance.randint(1, max(1, jobs * 24 // 25)) for _k in range(kills))
        fault_at = [(jobs * (k + 1) // (len(faults) + 1), name) for k, name in enumerate(faults)]
        give_up_at = began + MOST_SECONDS
        while (not load.is_asked() or kill_at or fault_at) and time.monotonic() < give_up_at:
            for part in running:
                part.look_after()
            for _k in range(chance.randint(1, 3)):
                if not load.is_asked():
                    load.ask()
            done = Job.objects.filter(kind__in=work.SORTS).exclude(state__in=LIVE).count()
            while fault_at and done >= fault_at[0][0]:
                _at, name = fault_at.pop(0)
                FAULTS[name](redis, folder)
                say(f"  {time.monotonic() - began:5.0f} s  fault: {name}")
            time.sleep(chance.uniform(0, 0.3))
            victims = [(part, pid) for part in running[:3] for pid in part.victims()]
            if kill_at and done >= kill_at[0] and victims:
                with contextlib.suppress(ProcessLookupError):
                    part, pid = chance.choice(victims)
                    os.kill(pid, signal.SIGKILL)
                    part.is_hurt = True
                    last_kill = time.monotonic()
                    kill_at.pop(0)
        outcome.kills, outcome.kills_not_made = kills - len(kill_at), len(kill_at)
        left = Job.objects.filter(state__in=LIVE, key__in=load.wanted).count()
        say(f"  {last_kill - began:5.0f} s  the last of {outcome.kills} kills; {left} jobs left")
        after_kill = 180 + time.monotonic()
        while Job.objects.filter(state__in=LIVE, kind__in=work.SORTS).exists() and time.monotonic() < after_kill:
            for part in running:
                part.look_after()
            time.sleep(0.2)
        outcome.seconds_after_last_kill = round(time.monotonic() - last_kill, 1)
        outcome.seconds = round(time.monotonic() - began, 1)
        # A torn message or a lost queue must stop no worker: nobody ends but by a kill.
        outcome.deaths_of_themselves = [code for part in running for code in part.deaths]
    finally:
        for part in running:
            part.end()
    return count(outcome, load)


def stop(folder: Path) -> dict[str, Any]:
    """Asks a worker with four running jobs to stop: how long it takes, and what became of them. (RELIABILITY T27)"""
    from django.db import transaction

    from jobs import ledger
    from jobs.models.job import Job, JobState

    os.environ["WORKERS"] = "4"
    worker = Part("stopped", [*WORKER, "-Q", "jobs", "-n", "stopped@%h"], folder / "parts.log")
    worker.look_after()
    with transaction.atomic():
        for number in range(4):
            ledger.ask(kind="torture-report", key=f"stopped:{number}", parameters={"seconds": 6})
    jobs = Job.objects.filter(key__startswith="stopped:")
    try:
        until(lambda: jobs.filter(state=JobState.RUNNING).count() == 4, 60, [worker])
        asked = time.monotonic()
        worker.process.terminate()  # the main process alone: it lets its own children finish
        code = worker.process.wait(120)
        took = round(time.monotonic() - asked, 1)
    finally:
        worker.end()
        os.environ.pop("WORKERS")
    return {"code": code, "seconds": took, "jobs": [list(row) for row in jobs.values_list("state", "attempts")]}


def _listens() -> bool:
    """Whether the schedule went all the way round."""
    from core.models import Heartbeat

    return Heartbeat.objects.filter(name="beat").exists()


def until(condition: Callable[[], bool], seconds: float, running: list[Part]) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        for part in running:
            part.look_after()
        time.sleep(0.5)


def count(outcome: Outcome, load: Load) -> Outcome:
    from collections import Counter

    from django.db import connection

    from jobs.models import Job

    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM torture_effect")
        effects = Counter(key for (key,) in cursor.fetchall())
        cursor.execute("SELECT key, COUNT(*) FROM torture_row GROUP BY key")
        outcome.half = sum(n != 200 for _key, n in cursor.fetchall())
    rows = list(Job.objects.filter(key__in=load.wanted).values_list("state", "attempts"))
    outcome.effects = sum(effects[key] for key in load.wanted)
    outcome.missing = sum(effects[key] == 0 for key in load.wanted)
    outcome.doubled = sum(effects[key] > 1 for key in load.wanted)
    outcome.of_rolled_back = sum(effects[key] for key in load.rolled_back)
    outcome.states = dict(Counter(state for state, _attempts in rows))
    outcome.interrupted = sum(attempts - 1 for _state, attempts in rows)
    outcome.most_attempts = max(attempts for _state, attempts in rows)
    return outcome


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--fault", action="append", choices=sorted(FAULTS), default=[])
    parser.add_argument("--postgres", default="", help="a server where a database may be made; else SQLite")
    parser.add_argument("--redis", default="", help="an empty number of a Redis; else the queue of files")
    parser.add_argument("--lease", type=float, default=0, help="seconds of a lease, where not those of the product")
    parser.add_argument("--stop", action="store_true", help="afterwards, stop a worker with four running jobs")
    parser.add_argument("--json", default="", help="write the outcome to this file")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else random.randrange(10**6)  # noqa: S311
    if options.lease:
        os.environ["TORTURE_LEASE"] = str(options.lease)
    with installation(options.postgres, options.redis) as folder:
        import django

        django.setup()
        outcome = torture(
            jobs=options.jobs, kills=options.kills, seed=seed, faults=options.fault, folder=folder,
            redis=options.redis, say=lambda text: print(text, flush=True),
        )  # fmt: skip
        if options.stop:
            outcome.stopped = stop(folder)
        if not outcome.holds:
            shutil.copy(folder / "parts.log", "torture.log")
            print("What the parts said is in torture.log.")
    print(json.dumps(asdict(outcome) | {"holds": outcome.holds}, indent=1), flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(asdict(outcome) | {"holds": outcome.holds}))
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main())

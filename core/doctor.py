"""Is every part of this installation well, and if not, what to do: `manage.py doctor`.

Each check looks at the real thing: a message goes through the broker to a worker and back, a file is written and read,
the mail server is spoken to (and sends nothing), a line becomes a PDF. A check that breaks is a fault of its own.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import smtplib
import sqlite3
import time
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core import checks as system_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.utils import timezone

from core import health, outbox, queues
from core.models import Heartbeat

OLDEST_POSTGRESQL = 14
MOST_CLOCK_SECONDS = 2
ANSWER_SECONDS = 15
SCARCE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One line of the report. `advice` says what to do where something is wrong."""

    part: str
    is_ok: bool
    says: str
    advice: str = ""


class Fault(Exception):
    """Something is wrong: what is so, and what to do."""

    def __init__(self, says: str, advice: str) -> None:
        super().__init__(says)
        self.says, self.advice = says, advice


# --- The parts -------------------------------------------------------------------------------------


def settings_are_safe() -> str:
    found = system_checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    bad = [one for one in found if one.level >= system_checks.ERROR and not one.is_silenced()]
    if bad:
        raise Fault("; ".join(str(one.msg) for one in bad), str(bad[0].hint or "`manage.py check --deploy` says more."))
    return f"{'production' if settings.PRODUCTION else 'embedded'}, {settings.BASE_URL}"


def database_answers() -> str:
    begun = time.monotonic()
    try:
        health.database_answers()
    except Exception as error:
        raise Fault(
            f"The database does not answer: {str(error).strip().splitlines()[0]}",
            "Start it, and look at DATABASE_URL."
            if not settings.IS_SQLITE
            else f"Look at {settings.VAR}: is it there, and ours?",
        ) from error
    took = (time.monotonic() - begun) * 1000
    if settings.IS_SQLITE:
        return f"SQLite {sqlite3.sqlite_version}, answers in {took:.0f} ms"
    version = connection.pg_version // 10_000
    if version < OLDEST_POSTGRESQL:
        raise Fault(
            f"PostgreSQL {version} is too old.", f"Move to PostgreSQL {OLDEST_POSTGRESQL} or newer; 15 is tested."
        )
    return f"PostgreSQL {version}, answers in {took:.0f} ms"


def tables_are_current() -> str:
    if not health.migrations_are_applied():
        raise Fault(
            "The tables are not those of this version.",
            "`python -m ims2.prepare --no-demo`, or start IMS2 anew: it does it.",
        )
    return "those of this version"


def journal_mode_is_right() -> str:
    if not settings.IS_SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            (mode,) = cursor.fetchone()
        if mode == "off":
            raise Fault("synchronous_commit is off.", "Switch it on: a signature must survive a power cut.")
        return f"synchronous_commit {mode}"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0].upper()
    if mode not in (settings.SQLITE_JOURNAL_MODE, "MEMORY"):
        raise Fault(
            f"SQLite keeps its journal in {mode} mode, not {settings.SQLITE_JOURNAL_MODE}.",
            "Stop everything that has the file open, then start IMS2 again.",
        )
    return f"journal {mode}"


def queue_carries(queue: str) -> Callable[[], str]:
    """Rings a real message through and waits until a worker has noted it."""

    def rings() -> str:
        name = f"doctor-{queue}"
        sent = timezone.now()
        try:
            current_app.send_task("core.tasks.answer", (name,), queue=queue, expires=60, retry=False)
        except Exception as error:
            raise Fault(
                f"The broker takes no message ({type(error).__name__}).",
                "Start Redis, and look at REDIS_URL."
                if settings.REDIS_URL
                else f"{settings.QUEUE_FOLDER} must be a folder we may write.",
            ) from error
        until = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < until:
            if Heartbeat.objects.filter(name=name, at__gte=sent).exists():
                return f"a message went to a worker and back in {(timezone.now() - sent).total_seconds():.1f} s"
            time.sleep(0.1)
        count = queues.waiting(queue)
        raise Fault(
            f"No worker took a message from “{queue}” within {ANSWER_SECONDS} s ({count or 0} wait).",
            f"Start a worker: celery -A ims2 worker -Q {queue}. If one runs, it is busy: look at Operations, or start a second.",
        )

    return rings


def beat_is_heard() -> str:
    last = Heartbeat.objects.filter(name="beat").first()
    if last is None or last.at < timezone.now() - health.SILENT_AFTER:
        when = "never" if last is None else f"{last.at:%Y-%m-%d %H:%M:%S} UTC"
        raise Fault(
            f"The schedule was heard {when}.", "Start it: celery -A ims2 beat. It needs the worker of “celery” too."
        )
    return f"heard {(timezone.now() - last.at).total_seconds():.0f} s ago"


def storage_keeps() -> str:
    name, data = f"doctor/{os.getpid()}-{time.time_ns()}", os.urandom(64)
    try:
        kept = default_storage.save(name, ContentFile(data))
        with default_storage.open(kept) as file:
            is_same = file.read() == data
        default_storage.delete(kept)
    except OSError as error:
        raise Fault(
            f"A file could not be kept in {_place_of_files()}: {error.strerror or error}.",
            "The folder must belong to the person who runs IMS2, on a disk with room; a store by STORAGE_URL must answer.",
        ) from error
    if not is_same or default_storage.exists(kept):
        raise Fault(
            "A file came back changed, or could not be removed.", "Look at the disk before anybody uploads more."
        )
    return "a file was written, read and removed"


def _place_of_files() -> str:
    try:
        return default_storage.path("")
    except NotImplementedError:
        return f"the bucket “{getattr(default_storage, 'bucket_name', '')}”"


def mail_server_answers() -> str:
    server = get_connection(fail_silently=False)
    folder = getattr(server, "file_path", None)
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise Fault(f"Mails cannot be written to {folder}.", "The folder must belong to the person who runs IMS2.")
        return f"no server named; mails are files in {folder}"
    if not hasattr(server, "host"):
        return f"{type(server).__module__}, nothing to ask"
    try:
        server.open()
        server.connection.ehlo_or_helo_if_needed()
        code, said = server.connection.noop()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        raise Fault(
            f"{server.host}:{server.port} does not take mail from us ({type(error).__name__}: {outbox.one_line(str(error))[:120]}).",
            "Look at EMAIL_URL: host, port, user, password, and tls or ssl. Mails wait meanwhile and go out by themselves.",
        ) from error
    if code != 250:
        raise Fault(f"{server.host}:{server.port} answers {code} {said!r}.", "Ask whoever runs the mail server.")
    return f"{server.host}:{server.port} answers"


def pdfs_are_drawn() -> str:
    font = settings.ROOT / "static" / "vendor" / "inter-latin.woff2"
    if not font.is_file():
        raise Fault(f"The font {font.name} is missing.", "`python vendor.py` brings it back.")
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration

        fonts = FontConfiguration()
        face = f"@font-face {{ font-family: Ours; src: url({font.as_uri()}) }} body {{ font-family: Ours }}"
        style = CSS(string=face, font_config=fonts)
        data = HTML(string="<p>Änderungen: 4.1 – ça va</p>").write_pdf(
            stylesheets=[style], font_config=fonts, uncompressed_pdf=True
        )
    except (ImportError, OSError) as error:
        raise Fault(
            f"PDFs cannot be drawn: {str(error).splitlines()[0]}",
            "sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        ) from error
    if b"+Ours" not in data:
        raise Fault("A PDF was drawn, but not with our font.", "Install libpangoft2-1.0-0 and libharfbuzz-subset0.")
    return f"a line was drawn with Inter ({len(data):,} bytes)"


def zones_are_known() -> str:
    for name in ("Europe/Zurich", "Asia/Kathmandu", "Australia/Lord_Howe"):
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
            raise Fault(
                f"The time zone {name} is not known.", "Install tzdata: with pip from the lock, or apt-get."
            ) from error
    return f"{len(zoneinfo.available_timezones())} zones"


def disk_has_room() -> str:
    disk = shutil.disk_usage(settings.VAR)
    free = f"{disk.free / 1e9:.1f} GB of {disk.total / 1e9:.1f} GB free"
    if disk.free < max(SCARCE_BYTES, disk.total // 50):
        raise Fault(
            f"Only {free} at {settings.VAR}.",
            "Make room before the database stops: old logs in log/, then a larger disk.",
        )
    return free


def clock_agrees() -> str:
    now = timezone.now()
    if now.year < 2025:
        raise Fault(f"The clock says {now:%Y-%m-%d}.", "Switch on time synchronisation (timedatectl set-ntp true).")
    if settings.IS_SQLITE:
        return f"{now:%Y-%m-%d %H:%M:%S} UTC"
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    apart = abs((theirs - timezone.now()).total_seconds())
    if apart > MOST_CLOCK_SECONDS:
        raise Fault(
            f"This machine and the database's are {apart:.0f} s apart.",
            "Switch on time synchronisation on both: leases of jobs and sessions depend on it.",
        )
    return f"{now:%Y-%m-%d %H:%M:%S} UTC, {apart * 1000:.0f} ms from the database's"


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings_are_safe,
    "database": database_answers,
    "tables": tables_are_current,
    "durability": journal_mode_is_right,
    "quick queue and worker": queue_carries(queues.QUICK),
    "long queue and worker": queue_carries(queues.LONG),
    "schedule": beat_is_heard,
    "storage": storage_keeps,
    "mail": mail_server_answers,
    "PDF and fonts": pdfs_are_drawn,
    "time zones": zones_are_known,
    "disk": disk_has_room,
    "clock": clock_agrees,
}
NEED_DATABASE = ("tables", "durability", "quick queue and worker", "long queue and worker", "schedule", "clock")


def examine(only: tuple[str, ...] = ()) -> list[Finding]:
    """Looks at every part (or only at some); nothing a part does stops the others from being looked at."""
    findings: list[Finding] = []
    for part, check in PARTS.items():
        if only and part not in only:
            continue
        if part in NEED_DATABASE and any(one.part == "database" and not one.is_ok for one in findings):
            findings.append(Finding(part, False, "not looked at: it needs the database", "Mend the database first."))
            continue
        try:
            findings.append(Finding(part, True, check()))
        except Fault as fault:
            findings.append(Finding(part, False, fault.says, fault.advice))
        except Exception as error:  # the check itself met something nobody thought of: that is a fault too
            findings.append(
                Finding(
                    part,
                    False,
                    f"{type(error).__name__}: {outbox.one_line(str(error))[:200]}",
                    "Report this with the log.",
                )
            )
    return findings


def send_trial(address: str) -> Finding:
    """Really sends a mail, now and past the queue: the one thing `doctor` does only when asked."""
    text = (
        f"This mail was sent by the doctor of {settings.BASE_URL} on {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S} UTC."
    )
    message: Any = EmailMessage("IMS2: a trial mail", text, settings.DEFAULT_FROM_EMAIL, [address])
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            "trial mail",
            False,
            f"{type(error).__name__}: {outbox.one_line(str(error))[:200]}",
            "Look at EMAIL_URL and MAIL_FROM.",
        )
    return Finding("trial mail", True, f"handed over for {address}; look whether it arrives")

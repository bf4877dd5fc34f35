"""Mail that survives a crash: written with the change, frozen, sent later by the worker.

`write` adds a row in the caller's transaction; nothing is sent from a request. `send_due` claims rows one by one with a
conditional update, so that two workers never send the same row. A row whose worker died in the middle of sending is
marked unknown and not sent again: SMTP cannot tell whether it arrived. (RELIABILITY section 3, Mail)
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Sequence
from email.mime.image import MIMEImage
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q, QuerySet
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation

from . import files, inlining
from .models import OutgoingMail
from .models.mail import MailState, Urgency
from .postman import Doubtful, Line, LineDead, NotSent, Refused

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 9
"""With pauses of 2, 4, 8 … minutes a mail that is put off has eight hours."""
LEASE = dt.timedelta(minutes=5)
BATCH_SECONDS = 13.0
"""A little less than the schedule's 15 s, so that one sender at a time is the rule."""
AT_ONCE = 50
DEAD_LINES, REFUSALS = 3, 20
"""So many dead lines, or refused mails, one after the other end a batch: then it is the server and not the mails."""
NO_SERVER_PAUSE = dt.timedelta(minutes=1)
# A secret link is kept no longer than there is a way to send it: who reads the database later finds none.
WIPED = {"text": "", "html": ""}
KEPT_DAYS = 90


def absolute(path: str) -> str:
    """The full link of a path: always from the configured address, never from a request's Host header (T41)."""
    return settings.BASE_URL + path


def one_line(text: str) -> str:
    """A header value without line breaks or control characters."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())


def _plain(name: str, context: dict[str, Any]) -> str:
    """A template as plain text: here `&` is a letter and not an entity."""
    return get_template(name).template.render(Context(context, autoescape=False))


def write(
    *,
    key: str,
    recipient: Any,
    template: str,
    context: dict[str, Any],
    is_secret: bool = False,
    headers: dict[str, str] | None = None,
    pictures: Sequence[dict[str, Any]] = (),
    urgency: int | None = None,
) -> OutgoingMail | None:
    """Writes a mail from `emails/<template>.subject.txt`, `.txt` and `.html` in the recipient's language.

    `key` says what the mail is about: the same key is written once and a second call returns None.
    `recipient` is a person (`email`, `language`) or has those two attributes. `headers` are further ones, `pictures` are
    shown in the mail as `cid:…`: {"cid", "type", "sha256", "organization", "folder"} of a kept file (core.files).
    """
    with translation.override(getattr(recipient, "language", "") or settings.LANGUAGE_CODE):
        context = {**context, "recipient": recipient, "base_url": settings.BASE_URL}
        subject = one_line(_plain(f"emails/{template}.subject.txt", context))[:250]
        text = _plain(f"emails/{template}.txt", context)
        html = inlining.inlined(render_to_string(f"emails/{template}.html", context))
    row, is_new = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "recipient": recipient.email,
            "subject": subject,
            "text": text,
            "html": html,
            "headers": {name: one_line(value) for name, value in (headers or {}).items()},
            "pictures": list(pictures),
            "urgency": urgency or (Urgency.SECRET if is_secret else Urgency.AT_ONCE),
            "is_secret": is_secret,
            "not_before": timezone.now(),
        },
    )
    return row if is_new else None


def write_many(rows: Iterable[OutgoingMail]) -> None:
    """Writes mails that are composed already, in few statements; those whose key is there already stay away."""
    OutgoingMail.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def message_id(row: OutgoingMail) -> str:
    """The same for every attempt at one row, so that a doubled delivery is recognised as one mail."""
    host = settings.BASE_URL.split("//", 1)[-1].split(":")[0].split("/")[0]
    return f"<{sha256(row.key.encode()).hexdigest()[:32]}@{host}>"


# --- The worker's side -----------------------------------------------------------------------------


def send_due(limit: int = 5000, seconds: float = BATCH_SECONDS) -> dict[str, int]:
    """Sends mails that are due, the most urgent first, for at most so long; counts by outcome. Safe to run twice at once.

    No server: everything that is due waits a minute, and nobody's mail is a failed attempt nearer to being given up. A
    mail that the server refuses or chokes on is put off or given up by itself, and the next goes over a new connection.
    """
    outcome = {"sent": 0, "failed": 0, "later": 0, "unknown": _lost()}
    line, ends = Line(), time.monotonic() + seconds
    dead = refused = done = 0
    try:
        while done < limit and (due := list(_due()[: min(AT_ONCE, limit - done)])):
            for row in due:
                if time.monotonic() >= ends or dead >= DEAD_LINES or refused >= REFUSALS:
                    return outcome
                try:
                    line.open()
                except LineDead as error:
                    outcome["later"] += _wait_for_server(str(error))
                    return outcome
                if not _claim(row):
                    continue
                done += 1
                word, error = deliver(row, line)
                outcome[word] += 1
                dead = dead + 1 if isinstance(error, LineDead | Doubtful) else 0
                refused = refused + 1 if isinstance(error, Refused) else 0
    finally:
        line.close()
    return outcome


def _lost() -> int:
    """Rows whose worker died while it sent them: the server may have them, so they are not sent again."""
    lost = OutgoingMail.objects.filter(state=MailState.SENDING, lease_until__lt=timezone.now())
    why = {"state": MailState.UNKNOWN, "error": "The worker stopped while sending."}
    return lost.filter(is_secret=True).update(**why, **WIPED) + lost.update(**why)


def _due() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=MailState.WAITING, not_before__lte=timezone.now()).order_by(
        "urgency", "not_before", "pk"
    )


def _claim(row: OutgoingMail) -> bool:
    return bool(
        OutgoingMail.objects.filter(pk=row.pk, state=MailState.WAITING).update(
            state=MailState.SENDING, attempts=F("attempts") + 1, lease_until=timezone.now() + LEASE
        )
    )


def _wait_for_server(why: str) -> int:
    log.warning("No mail server: %s", one_line(why)[:300])
    now = timezone.now()
    return OutgoingMail.objects.filter(state=MailState.WAITING, not_before__lte=now).update(
        not_before=now + NO_SERVER_PAUSE, error=one_line(f"No mail server: {why}")[:300]
    )


def deliver(row: OutgoingMail, line: Line) -> tuple[str, NotSent | None]:
    """One attempt at one claimed row; what became of it, and the error if there was one."""
    try:
        line.send(_message(row))
    except NotSent as error:
        return _after(row, error), error
    wiped = WIPED if row.is_secret or row.is_bulk else {}
    _mine(row).update(state=MailState.SENT, sent_at=timezone.now(), error="", **wiped)
    return "sent", None


def _mine(row: OutgoingMail) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(pk=row.pk, state=MailState.SENDING)


def _after(row: OutgoingMail, error: NotSent) -> str:
    """What follows from a failed attempt: given up, put off with a growing pause, or unknown."""
    attempts = row.attempts + 1
    log.warning("Mail %s was not sent (attempt %s): %s", row.pk, attempts, type(error).__name__)
    if isinstance(error, Doubtful) and (row.is_bulk or attempts > 1):
        state = MailState.UNKNOWN  # a digest is not repeated on a guess, other mails once; the Message-ID is the same
    elif (isinstance(error, Refused) and error.is_final) or attempts >= MAX_ATTEMPTS:
        state = MailState.FAILED
    else:
        state = MailState.WAITING
    if isinstance(error, LineDead) and error.is_its_wish:
        attempts, pause = row.attempts, NO_SERVER_PAUSE  # "come back later" says nothing about this mail
    else:
        pause = dt.timedelta(minutes=2**attempts)
    _mine(row).update(
        state=state,
        attempts=attempts,
        not_before=timezone.now() + pause,
        error=one_line(f"{type(error).__name__}: {error}")[:300],
        **(WIPED if state != MailState.WAITING and row.is_secret else {}),
    )
    return {MailState.WAITING: "later"}.get(state, state)


def _message(row: OutgoingMail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        row.subject,
        row.text,
        settings.DEFAULT_FROM_EMAIL,
        [row.recipient],
        headers={**row.headers, "Message-ID": message_id(row), "Auto-Submitted": "auto-generated"},
    )
    if row.html:
        message.attach_alternative(row.html, "text/html")
    if row.pictures:
        message.mixed_subtype = "related"
    for picture in row.pictures:
        if data := _bytes_of(picture["organization"], picture["sha256"], picture["folder"]):
            image = MIMEImage(data, _subtype=picture["type"].partition("/")[2])
            image.add_header("Content-ID", f"<{picture['cid']}>")
            image.add_header("Content-Disposition", "inline")
            message.attach(image)
    return message


@lru_cache(maxsize=32)
def _bytes_of(organization_id: int, content: str, folder: str) -> bytes:
    """A kept picture; b"" when it is gone, and the mail goes without."""
    try:
        with files.opened(organization_id=organization_id, sha256=content, folder=folder) as stream:
            return stream.read()
    except OSError:
        return b""


# --- The operator's side ---------------------------------------------------------------------------


def unsent() -> QuerySet[OutgoingMail]:
    """Mails an operator should know of: failed, unknown, or waiting for more than an hour."""
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    return OutgoingMail.objects.filter(
        Q(state__in=[MailState.FAILED, MailState.UNKNOWN]) | Q(state=MailState.WAITING, written_at__lt=hour_ago)
    ).order_by("-written_at")


def try_again(rows: QuerySet[OutgoingMail] | None = None) -> int:
    """Puts failed mails back to the queue, for when what was wrong with the server is mended; wiped ones stay."""
    failed = (rows if rows is not None else OutgoingMail.objects.all()).filter(state=MailState.FAILED)
    return failed.exclude(text="").update(state=MailState.WAITING, attempts=0, not_before=timezone.now())


def clear() -> int:
    """Forgets mails that went out long ago; what did not go out stays."""
    before = timezone.now() - dt.timedelta(days=KEPT_DAYS)
    gone = OutgoingMail.objects.filter(state=MailState.SENT, sent_at__lt=before).order_by("pk").values("pk")[:10_000]
    return OutgoingMail.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).delete()[0]

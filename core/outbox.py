"""Mail that survives a crash: written with the change, frozen, sent later by the worker.

`write` adds a row in the caller's transaction; nothing is sent from a request. `send_due` claims rows one by one with a
conditional update, so that two workers never send the same row. A row whose worker died in the middle of sending is
marked unknown and not sent again: SMTP cannot tell whether it arrived. (RELIABILITY section 3, Mail)
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F, Q
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation

from .models import OutgoingMail
from .models.mail import MailState

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
LEASE = dt.timedelta(minutes=5)
# A secret link is kept no longer than there is a way to send it: who reads the database later finds none.
WIPED = {"text": "", "html": ""}


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
    *, key: str, recipient: Any, template: str, context: dict[str, Any], is_secret: bool = False
) -> OutgoingMail | None:
    """Writes a mail from `emails/<template>.subject.txt`, `.txt` and `.html` in the recipient's language.

    `key` says what the mail is about: the same key is written once and a second call returns None.
    `recipient` is a person (`email`, `language`) or has those two attributes.
    """
    with translation.override(getattr(recipient, "language", "") or settings.LANGUAGE_CODE):
        context = {**context, "recipient": recipient, "base_url": settings.BASE_URL}
        subject = one_line(_plain(f"emails/{template}.subject.txt", context))[:250]
        text = _plain(f"emails/{template}.txt", context)
        html = render_to_string(f"emails/{template}.html", context)
    row, is_new = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "recipient": recipient.email,
            "subject": subject,
            "text": text,
            "html": html,
            "is_secret": is_secret,
            "not_before": timezone.now(),
        },
    )
    return row if is_new else None


def message_id(row: OutgoingMail) -> str:
    """The same for every attempt at one row, so that a doubled delivery is recognised as one mail."""
    host = settings.BASE_URL.split("//", 1)[-1].split(":")[0].split("/")[0]
    return f"<{sha256(row.key.encode()).hexdigest()[:32]}@{host}>"


def send_due(limit: int = 100) -> dict[str, int]:
    """Sends up to `limit` mails that are due; counts by outcome. Safe to run twice at the same time."""
    now = timezone.now()
    outcome = {"sent": 0, "failed": 0, "later": 0, "unknown": 0}
    lost = OutgoingMail.objects.filter(state=MailState.SENDING, lease_until__lt=now)
    why = {"state": MailState.UNKNOWN, "error": "The worker stopped while sending."}
    outcome["unknown"] = lost.filter(is_secret=True).update(**why, **WIPED) + lost.update(**why)
    due = list(
        OutgoingMail.objects.filter(state=MailState.WAITING, not_before__lte=now).order_by("not_before", "pk")[:limit]
    )
    if not due:
        return outcome
    connection = get_connection()
    for row in due:
        claimed = OutgoingMail.objects.filter(pk=row.pk, state=MailState.WAITING).update(
            state=MailState.SENDING, attempts=F("attempts") + 1, lease_until=timezone.now() + LEASE
        )
        if claimed:
            outcome[deliver(row, connection)] += 1
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.warning("The mail server closed the connection first.")
    return outcome


def deliver(row: OutgoingMail, connection: Any) -> str:
    """One attempt at one claimed row; a refused or unreachable server puts it back with a growing pause."""
    message = EmailMultiAlternatives(
        row.subject,
        row.text,
        settings.DEFAULT_FROM_EMAIL,
        [row.recipient],
        headers={"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    if row.html:
        message.attach_alternative(row.html, "text/html")
    mine = OutgoingMail.objects.filter(pk=row.pk, state=MailState.SENDING)
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        attempts = row.attempts + 1
        is_last = attempts >= MAX_ATTEMPTS
        mine.update(
            state=MailState.FAILED if is_last else MailState.WAITING,
            not_before=timezone.now() + dt.timedelta(minutes=2**attempts),
            error=one_line(f"{type(error).__name__}: {error}")[:300],
            **(WIPED if is_last and row.is_secret else {}),
        )
        log.warning("Mail %s was not sent (attempt %s): %s", row.pk, attempts, type(error).__name__)
        return "failed" if is_last else "later"
    wiped = WIPED if row.is_secret else {}
    mine.update(state=MailState.SENT, sent_at=timezone.now(), error="", **wiped)
    return "sent"


def unsent() -> Any:
    """Mails an operator should know of: failed, unknown, or waiting for more than an hour."""
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    return OutgoingMail.objects.filter(
        Q(state__in=[MailState.FAILED, MailState.UNKNOWN]) | Q(state=MailState.WAITING, written_at__lt=hour_ago)
    ).order_by("-written_at")

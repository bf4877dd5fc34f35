"""The conversation with the mail server: one connection for many mails, and what each answer means for the mail at hand.

Django's backend opens the connection (address, TLS, sign-in, time limit); the mails go over it one by one with the four
commands of SMTP, because only so it is known whether the server may already have a mail when the line goes dead.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

MAILS_A_CONNECTION = 100
"""Servers grow suspicious of a line that never ends; a new one costs little."""


class NotSent(Exception):
    """The mail has not gone out; the text says why."""


class Refused(NotSent):
    """The server does not take this mail. `is_final`: it said that it never will."""

    def __init__(self, code: int, reply: Any, *, is_final: bool) -> None:
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
        super().__init__(f"{code} {words}")
        self.is_final = is_final


class LineDead(NotSent):
    """The server did not answer in time, or hung up, before it had the mail. `is_its_wish`: it said so first (421)."""

    def __init__(self, why: str, *, is_its_wish: bool = False) -> None:
        super().__init__(why)
        self.is_its_wish = is_its_wish


class Doubtful(NotSent):
    """The server had the whole mail and then did not answer: nobody can tell whether it was delivered."""


class Line:
    """One connection, opened when needed, opened anew after an error."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self._is_open = False
        self._sent = 0

    def open(self) -> None:
        """Raises LineDead when there is no server, or none that lets us in."""
        if self._is_open and self._sent < MAILS_A_CONNECTION:
            return
        self.close()
        try:
            self._backend.open()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise LineDead(f"{type(error).__name__}: {error}") from error
        self._is_open, self._sent = True, 0

    def close(self) -> None:
        """Says goodbye, whatever state the line is in."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._backend.close()
        self._is_open = False

    def send(self, message: EmailMessage) -> None:
        """Hands over one mail. Raises Refused, LineDead or Doubtful; after the last two the line is closed."""
        self._sent += 1
        try:
            if isinstance(self._backend, EmailBackend):
                self._converse(self._backend.connection, message)
            else:
                self._backend.send_messages([message])
        except (LineDead, Doubtful):
            self._drop()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise LineDead(f"{type(error).__name__}: {error}") from error

    def _drop(self) -> None:
        """Closes without a word: a server that does not answer would keep us waiting for its goodbye."""
        if isinstance(self._backend, EmailBackend) and self._backend.connection is not None:
            self._backend.connection.close()
            self._backend.connection = None
        self._is_open = False

    def _converse(self, smtp: smtplib.SMTP, message: EmailMessage) -> None:
        data = message.message().as_bytes(linesep="\r\n")
        sender, recipient = (
            sanitize_address(address, message.encoding or settings.DEFAULT_CHARSET)
            for address in (message.from_email, message.to[0])
        )
        smtp.ehlo_or_helo_if_needed()
        size = [f"size={len(data)}"] if smtp.does_esmtp and smtp.has_extn("size") else []
        # A refused sender is the installation's fault, not the mail's: it waits until somebody has mended that.
        self._expect(smtp, smtp.mail(sender, size), {250}, may_be_final=False)
        self._expect(smtp, smtp.rcpt(recipient), {250, 251})
        self._expect(smtp, smtp.docmd("DATA"), {354})
        smtp.send(re.sub(rb"(?m)^\.", b"..", data).removesuffix(b"\r\n") + b"\r\n.\r\n")
        try:
            answer = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Doubtful(f"The server took the mail and did not confirm it ({type(error).__name__}).") from error
        self._expect(smtp, answer, {250})

    def _expect(
        self, smtp: smtplib.SMTP, answer: tuple[int, bytes], wanted: set[int], *, may_be_final: bool = True
    ) -> None:
        code, reply = answer
        if code in wanted:
            return
        if code == 421 or code < 0:
            raise LineDead(f"{code} {reply.decode('utf-8', 'replace')}", is_its_wish=code == 421)
        smtp.rset()
        raise Refused(code, reply, is_final=may_be_final and 500 <= code < 600)

"""Mail that is written with a change and sent by the worker: through a real SMTP conversation."""

from __future__ import annotations

import datetime as dt
import socketserver
import threading
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from core import outbox
from core.models import OutgoingMail
from core.models.mail import MailState


class Sink(socketserver.ThreadingTCPServer):
    """A small mail server: keeps what it is given; can refuse recipients or hang up in the middle."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[tuple[str, bytes]] = []
        self.refused: set[str] = set()
        self.hangs_up_after_data = False


class Conversation(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 sink")
        to = ""
        while line := self.rfile.readline():
            word = line.decode().strip().upper()
            if word.startswith(("EHLO", "HELO")):
                self.say("250 sink")
            elif word.startswith("RCPT"):
                to = line.decode().split("<")[1].split(">")[0]
                self.say("550 no such person" if to in self.server.refused else "250 ok")
            elif word == "DATA":
                self.say("354 go on")
                data = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    data += part
                self.server.mails.append((to, data))
                if self.server.hangs_up_after_data:
                    return
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@pytest.fixture
def sink(settings):
    server = Sink()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    yield server
    server.shutdown()
    server.server_close()


ANNA = SimpleNamespace(email="anna@example.org", name="Anna Müster", language="en")


def write(key="k1", recipient=ANNA, **more):
    context = {
        "comment": SimpleNamespace(text="Look at <b>this</b> & that"),
        "by": SimpleNamespace(name="Beat"),
        "task": SimpleNamespace(label="T-001", title="Über <alles>\r\nBcc: evil@example.org"),
        "project": SimpleNamespace(name="IMS"),
        "organization": SimpleNamespace(name="Acme & Co"),
        "link": outbox.absolute("/org/acme/ims/tasks/T-001/"),
    }
    return outbox.write(key=key, recipient=recipient, template="mentioned", context=context, **more)


def parsed(data: bytes):
    return message_from_bytes(data, policy=policy.default)


@pytest.mark.django_db
def test_a_mail_arrives_as_it_was_written(sink):
    row = write()

    assert outbox.send_due() == {"sent": 1, "failed": 0, "later": 0, "unknown": 0}

    ((to, data),) = sink.mails
    mail = parsed(data)
    assert to == mail["To"] == "anna@example.org"
    assert mail["Message-ID"] == outbox.message_id(row)
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Look at <b>this</b> & that" in text
    assert "Look at &lt;b&gt;this&lt;/b&gt; &amp; that" in html
    assert "http://localhost:8000/org/acme/ims/tasks/T-001/" in text
    row.refresh_from_db()
    assert row.state == MailState.SENT
    assert row.sent_at is not None


@pytest.mark.django_db
def test_a_line_break_in_a_title_makes_no_header(sink):
    write()

    outbox.send_due()

    mail = parsed(sink.mails[0][1])
    assert mail["Bcc"] is None
    assert mail["Subject"].strip() == "Beat mentioned you: T-001 Über <alles> Bcc: evil@example.org"


@pytest.mark.django_db
def test_the_same_key_is_one_mail(sink):
    assert write() is not None
    assert write() is None

    outbox.send_due()
    outbox.send_due()

    assert len(sink.mails) == 1


@pytest.mark.django_db
def test_a_mail_speaks_the_language_of_its_reader():
    from django.utils import translation

    with translation.override("fr"):
        row = write(recipient=SimpleNamespace(email="a@example.org", name="A", language="en"))
        assert translation.get_language() == "fr"

    assert row.subject.startswith("Beat mentioned you")


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_writes_no_mail(sink):
    with pytest.raises(RuntimeError), transaction.atomic():
        write()
        raise RuntimeError

    assert outbox.send_due()["sent"] == 0
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_a_refused_mail_is_tried_again_later_and_given_up_after_five_attempts(sink):
    sink.refused.add("anna@example.org")
    row = write()
    other = write("k2", SimpleNamespace(email="beat@example.org", name="B", language="en"))
    outcomes = []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _n in range(outbox.MAX_ATTEMPTS):
            outcomes.append(outbox.send_due())
            clock.shift(dt.timedelta(minutes=65))

    assert [o["later"] for o in outcomes] == [1, 1, 1, 1, 0]
    assert outcomes[-1]["failed"] == 1
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, row.attempts) == (MailState.FAILED, 5)
    assert "no such person" in row.error
    assert other.state == MailState.SENT
    assert list(outbox.unsent()) == [row]


@pytest.mark.django_db
def test_the_pause_between_attempts_grows(sink):
    sink.refused.add("anna@example.org")
    row = write()
    pauses = []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _n in range(4):
            now = timezone.now()
            outbox.send_due()
            row.refresh_from_db()
            pauses.append((row.not_before - now).total_seconds() / 60)
            assert outbox.send_due()["later"] == 0, "not before the pause is over"
            clock.shift(row.not_before - now)

    assert pauses == [2, 4, 8, 16]


@pytest.mark.django_db
def test_no_server_at_all_loses_nothing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    row, second = write(), write("k2")

    assert outbox.send_due()["later"] == 2

    row.refresh_from_db()
    second.refresh_from_db()
    assert row.state == second.state == MailState.WAITING


@pytest.mark.django_db
def test_a_server_that_hangs_up_after_taking_the_mail_is_tried_again_with_the_same_message_id(sink):
    """SMTP cannot tell whether it arrived; the same Message-ID lets the receiving side see that it is one mail."""
    sink.hangs_up_after_data = True
    write()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        outbox.send_due()
        sink.hangs_up_after_data = False
        clock.shift(dt.timedelta(minutes=65))
        outbox.send_due()

    first, second = (parsed(data)["Message-ID"] for _to, data in sink.mails)
    assert first == second


@pytest.mark.django_db
def test_a_mail_whose_worker_died_is_unknown_and_not_sent_again(sink):
    row = write()
    OutgoingMail.objects.filter(pk=row.pk).update(
        state=MailState.SENDING, lease_until=timezone.now() - dt.timedelta(seconds=1)
    )

    assert outbox.send_due() == {"sent": 0, "failed": 0, "later": 0, "unknown": 1}

    row.refresh_from_db()
    assert (row.state, sink.mails) == (MailState.UNKNOWN, [])
    assert list(outbox.unsent()) == [row]


@pytest.mark.django_db
def test_a_mail_that_another_worker_is_sending_is_left_alone(sink):
    row = write()
    OutgoingMail.objects.filter(pk=row.pk).update(
        state=MailState.SENDING, lease_until=timezone.now() + dt.timedelta(minutes=4)
    )

    assert outbox.send_due()["sent"] == 0
    assert sink.mails == []


@pytest.mark.django_db
def test_a_secret_mail_leaves_no_secret_behind(sink):
    row = write(is_secret=True)

    outbox.send_due()

    row.refresh_from_db()
    assert (row.text, row.html) == ("", "")
    assert "Look at" in parsed(sink.mails[0][1]).get_body(("plain",)).get_content()


@pytest.mark.django_db
def test_a_secret_that_is_never_sent_does_not_stay_either(sink):
    sink.refused.add("anna@example.org")
    refused, lost = write("k1", is_secret=True), write("k2", is_secret=True)
    OutgoingMail.objects.filter(pk=refused.pk).update(attempts=outbox.MAX_ATTEMPTS - 1)
    OutgoingMail.objects.filter(pk=lost.pk).update(
        state=MailState.SENDING, lease_until=timezone.now() - dt.timedelta(seconds=1)
    )

    assert outbox.send_due() == {"sent": 0, "failed": 1, "later": 0, "unknown": 1}

    assert set(OutgoingMail.objects.values_list("text", "html")) == {("", "")}


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(sink):
    from django.db import connections

    for n in range(20):
        write(f"k{n}", SimpleNamespace(email=f"p{n}@example.org", name="P", language="en"))
    faults: list[BaseException] = []

    def work() -> None:
        try:
            outbox.send_due()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert faults == []
    assert sorted(to for to, _data in sink.mails) == sorted(f"p{n}@example.org" for n in range(20))

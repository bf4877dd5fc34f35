"""Mail that is written with a change and sent by the worker: through a real SMTP conversation."""

from __future__ import annotations

import datetime as dt
import threading
import time
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from core import outbox
from core.models import OutgoingMail
from core.models.mail import MailState, Urgency
from tests.helpers import smtp


@pytest.fixture
def sink(settings):
    with smtp.running() as server:
        smtp.use(settings, server)
        yield server


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


def person(name):
    return SimpleNamespace(email=f"{name}@example.org", name=name, language="en")


def fresh(row):
    row.refresh_from_db()
    return row


@pytest.mark.django_db
def test_a_recipient_whom_the_server_refuses_for_ever_fails_at_once_with_its_reason_and_the_others_go_on(sink):
    sink.ways["anna@example.org"] = "refuse"
    sink.ways["bad@example.org"] = "bad"
    row, bad, other = write(), write("k2", person("bad")), write("k3", person("beat"))

    assert outbox.send_due() == {"sent": 1, "failed": 2, "later": 0, "unknown": 0}

    assert (fresh(row).state, row.attempts, row.error) == (MailState.FAILED, 1, "Refused: 550 no such person")
    assert (fresh(bad).state, bad.error) == (MailState.FAILED, "Refused: 554 looks like rubbish")
    assert fresh(other).state == MailState.SENT
    assert set(outbox.unsent()) == {row, bad}
    assert sink.connections == 1, "a refusal needs no new connection"


@pytest.mark.django_db
def test_a_mail_that_is_put_off_is_tried_again_with_growing_pauses_and_given_up_at_last(sink):
    sink.ways["anna@example.org"] = "later"
    row, other = write(), write("k2", person("beat"))
    pauses, outcomes = [], []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _n in range(outbox.MAX_ATTEMPTS):
            now = timezone.now()
            outcomes.append(outbox.send_due())
            pauses.append((fresh(row).not_before - now).total_seconds() / 60)
            assert outbox.send_due()["later"] == 0, "not before the pause is over"
            clock.shift(row.not_before - now)

    assert pauses[:8] == [2, 4, 8, 16, 32, 64, 128, 256]
    assert [o["later"] for o in outcomes] == [1] * 8 + [0]
    assert outcomes[-1]["failed"] == 1
    assert (row.state, row.attempts, row.error) == (MailState.FAILED, 9, "Refused: 451 not now")
    assert fresh(other).state == MailState.SENT
    assert list(outbox.unsent()) == [row]


@pytest.mark.django_db
@pytest.mark.parametrize(("way", "state"), [("hang", MailState.WAITING), ("cut", MailState.WAITING)])
def test_a_mail_on_which_the_server_hangs_or_hangs_up_does_not_hold_up_the_others(sink, settings, way, state):
    settings.EMAIL_TIMEOUT = 0.3
    sink.ways["anna@example.org"] = way
    row = write()
    others = [write(f"o{n}", person(f"p{n}")) for n in range(30)]

    begun = time.monotonic()
    outcome = outbox.send_due()

    assert outcome == {"sent": 30, "failed": 0, "later": 1, "unknown": 0}
    assert time.monotonic() - begun < 5
    assert fresh(row).state == state
    assert {fresh(other).state for other in others} == {MailState.SENT}
    assert sink.connections == 2, "the line is opened anew after the error"


@pytest.mark.django_db
def test_a_digest_that_may_have_arrived_is_not_repeated(sink):
    sink.ways["anna@example.org"] = "mute"
    row = write(urgency=Urgency.BULK)

    assert outbox.send_due() == {"sent": 0, "failed": 0, "later": 0, "unknown": 1}

    assert len(sink.mails) == 1
    assert fresh(row).state == MailState.UNKNOWN
    assert "did not confirm" in row.error
    assert list(outbox.unsent()) == [row]


@pytest.mark.django_db
def test_several_dead_lines_in_a_row_end_the_batch(sink, settings):
    settings.EMAIL_TIMEOUT = 0.2
    for n in range(10):
        sink.ways[f"p{n}@example.org"] = "hang"
        write(f"k{n}", person(f"p{n}"))

    assert outbox.send_due()["later"] == outbox.DEAD_LINES

    assert OutgoingMail.objects.filter(attempts=0).count() == 10 - outbox.DEAD_LINES


@pytest.mark.django_db
def test_a_batch_ends_in_time(sink):
    for n in range(10):
        write(f"k{n}", person(f"p{n}"))

    assert outbox.send_due(seconds=0)["sent"] == 0
    assert outbox.send_due(limit=4)["sent"] == 4


@pytest.mark.django_db
def test_a_server_that_wants_a_new_connection_gets_one_and_no_mail_is_blamed(sink):
    sink.most_a_connection = 3
    rows = [write(f"k{n}", person(f"p{n}")) for n in range(7)]

    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert outbox.send_due() == {"sent": 6, "failed": 0, "later": 1, "unknown": 0}
        clock.shift(outbox.NO_SERVER_PAUSE)
        outbox.send_due()

    assert {(fresh(row).state, row.attempts) for row in rows} == {(MailState.SENT, 1)}
    assert sorted(to for to, _data in sink.mails) == sorted(row.recipient for row in rows)


@pytest.mark.django_db
def test_a_link_to_a_new_password_goes_before_ten_digests(sink):
    for n in range(10):
        write(f"k{n}", person(f"p{n}"), urgency=Urgency.BULK)
    write("k10", person("mention"))
    write("k11", person("secret"), is_secret=True)

    outbox.send_due()

    assert [to for to, _data in sink.mails[:3]] == ["secret@example.org", "mention@example.org", "p0@example.org"]


@pytest.mark.django_db
def test_ten_thousand_mails_go_over_few_connections(sink, monkeypatch):
    monkeypatch.setattr("core.postman.MAILS_A_CONNECTION", 20)
    for n in range(50):
        write(f"k{n}", person(f"p{n}"))

    assert outbox.send_due()["sent"] == 50

    assert sink.connections == 3


@pytest.mark.django_db
def test_what_a_digest_said_is_not_kept_and_other_mails_are_forgotten_after_three_months(sink):
    digest, other = write(urgency=Urgency.BULK), write("k2")
    outbox.send_due()

    assert (fresh(digest).text, digest.html) == ("", "")
    assert fresh(other).text
    with time_machine.travel(timezone.now() + dt.timedelta(days=outbox.KEPT_DAYS + 1)):
        assert outbox.clear() == 2
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_failed_mails_can_be_tried_again_once_the_server_is_mended(sink):
    sink.ways["anna@example.org"] = "refuse"
    row = write()
    outbox.send_due()
    sink.ways.clear()

    assert outbox.try_again() == 1
    outbox.send_due()

    assert fresh(row).state == MailState.SENT


@pytest.mark.django_db
def test_a_mail_carries_its_headers_and_its_pictures(sink, settings, tmp_path):
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from core import files

    sha = "ab" * 32
    name = default_storage.save(files.path_of(1, sha, "logos"), ContentFile(b"\x89PNG not really"))
    try:
        write(
            headers={"List-Unsubscribe": "<https://example.org/u/x/>\r\nBcc: evil@example.org"},
            pictures=[{"cid": "logo", "type": "image/png", "sha256": sha, "organization": 1, "folder": "logos"}],
        )
        outbox.send_due()
    finally:
        default_storage.delete(name)

    mail = parsed(sink.mails[0][1])
    assert mail["List-Unsubscribe"] == "<https://example.org/u/x/> Bcc: evil@example.org"
    assert mail["Bcc"] is None
    assert mail.get_content_type() == "multipart/related"
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_content()) == ("<logo>", b"\x89PNG not really")


@pytest.mark.django_db
def test_a_line_that_begins_with_a_dot_arrives_as_it_is(sink):
    write()
    OutgoingMail.objects.update(text="one\n.\n.two\n")

    outbox.send_due()

    assert parsed(sink.mails[0][1].replace(b"\n..", b"\n.")).get_body(("plain",)).get_content().splitlines() == [
        "one", ".", ".two",
    ]  # fmt: skip


@pytest.mark.django_db
def test_styles_stand_on_the_elements_and_rules_for_dark_screens_in_the_head(sink):
    row = write()

    assert '<a class="go" href="http://localhost:8000/org/acme/ims/tasks/T-001/" style="' in row.html
    assert "@media (prefers-color-scheme: dark)" in row.html


@pytest.mark.django_db
def test_no_server_at_all_loses_nothing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    row, second = write(), write("k2")

    assert outbox.send_due()["later"] == 2

    assert (fresh(row).state, row.attempts) == (fresh(second).state, second.attempts) == (MailState.WAITING, 0)
    assert row.error.startswith("No mail server: ConnectionRefusedError")
    assert row.not_before > timezone.now(), "the server is given a minute"


@pytest.mark.django_db
def test_a_server_that_hangs_up_after_taking_the_mail_is_tried_again_with_the_same_message_id(sink):
    """SMTP cannot tell whether it arrived; the same Message-ID lets the receiving side see that it is one mail."""
    sink.ways["anna@example.org"] = "mute"
    write()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        outbox.send_due()
        sink.ways.clear()
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
    sink.ways["anna@example.org"] = "refuse"
    write("k1", is_secret=True)
    lost = write("k2", is_secret=True)
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

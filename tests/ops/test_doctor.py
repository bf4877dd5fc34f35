"""The doctor meets real faults, names them, says what to do, and goes on to the next part."""

from __future__ import annotations

import io
import json
import shutil
import socket
import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core import doctor, tasks
from core.models import Heartbeat

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def look(part: str) -> doctor.Finding:
    (finding,) = doctor.examine((part,))
    assert bool(finding.advice) != finding.is_ok, "a fault says what to do, and only a fault"
    return finding


def set_commit(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO " + how)


@pytest.fixture(autouse=True)
def commits_reach_the_disk(db):
    """As in an installation; for speed the suite switches it off."""
    if connection.vendor == "postgresql":
        set_commit("on")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's mode is another one")
def test_commits_that_do_not_reach_the_disk_are_named():
    set_commit("off")

    assert "synchronous_commit is off" in look("durability").says


@pytest.fixture
def worker(monkeypatch):
    """A worker that takes each message at once."""
    monkeypatch.setattr(doctor.current_app, "send_task", lambda name, args, **options: tasks.answer(*args))


def test_a_part_that_is_well_says_so_in_a_line():
    for part in ("settings", "database", "tables", "durability", "storage", "time zones", "disk", "clock"):
        assert look(part).is_ok, part


def test_a_line_of_pdf_is_drawn_with_our_font():
    pytest.importorskip("weasyprint")
    assert "Inter" in look("PDF and fonts").says


def test_a_pdf_library_that_is_missing_is_a_command_to_type(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "weasyprint", None)

    assert look("PDF and fonts").advice.startswith("sudo apt-get install -y libpango")


def test_a_folder_that_takes_no_file(settings, tmp_path):
    (tmp_path / "files").write_text("a file where the folder should be")
    settings.MEDIA_ROOT = tmp_path / "files"

    finding = look("storage")

    assert not finding.is_ok and str(tmp_path / "files") in finding.says


def test_a_database_that_is_away_is_named_and_the_rest_is_looked_at(monkeypatch):
    def away():
        raise ConnectionError("connection to server at 127.0.0.1, port 1 failed")

    monkeypatch.setattr(doctor.health, "database_answers", away)

    found = {one.part: one for one in doctor.examine(("database", "clock", "schedule", "storage", "time zones"))}

    assert "does not answer: connection to server" in found["database"].says
    assert found["clock"].says == "not looked at: it needs the database" == found["schedule"].says
    assert found["storage"].is_ok and found["time zones"].is_ok


def test_tables_of_another_version(monkeypatch):
    monkeypatch.setattr(doctor.health, "migrations_are_applied", lambda: False)

    assert "ims2.prepare" in look("tables").advice


@pytest.mark.parametrize("part", ["quick queue and worker", "long queue and worker"])
def test_a_message_goes_to_a_worker_and_back(part, worker):
    assert "to a worker and back" in look(part).says


def test_a_queue_without_a_worker(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(doctor, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(doctor.current_app, "send_task", lambda *args, **options: None)
    monkeypatch.setattr(doctor.queues, "waiting", lambda queue: 4)
    Heartbeat.objects.create(name="doctor-jobs", at=timezone.now() - timezone.timedelta(hours=1))

    finding = look("long queue and worker")

    assert "No worker took a message from “jobs”" in finding.says and "(4 wait)" in finding.says
    assert "-Q jobs" in finding.advice


def test_a_broker_that_takes_no_message(monkeypatch):
    def refused(*args, **options):
        raise ConnectionRefusedError

    monkeypatch.setattr(doctor.current_app, "send_task", refused)

    assert "The broker takes no message (ConnectionRefusedError)" in look("quick queue and worker").says


def test_a_schedule_that_is_silent():
    assert look("schedule").says == "The schedule was heard never."
    Heartbeat.objects.create(name="beat", at=timezone.now() - timezone.timedelta(minutes=3))
    assert not look("schedule").is_ok

    tasks.tick()

    assert look("schedule").is_ok


# Mail: a server that answers, one that refuses, one that is not there


@pytest.fixture
def mail_server(settings):
    """Answers one conversation with the lines given; keeps what it was told."""
    told: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def start(*answers: str) -> list[str]:
        def talk():
            conversation, _where = listener.accept()
            with conversation, conversation.makefile("rwb") as lines:
                for answer in answers:
                    lines.write(f"{answer}\r\n".encode())
                    lines.flush()
                    told.append(lines.readline().decode().strip())

        threading.Thread(target=talk, daemon=True).start()
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
        settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = listener.getsockname()[1], False, 5
        return told

    yield start
    listener.close()


def test_a_mail_server_is_spoken_to_and_sends_nothing(mail_server):
    told = mail_server("220 ready", "250 hello", "250 ok", "221 bye")

    assert look("mail").is_ok
    assert [line.partition(" ")[0].upper() for line in told[:2]] == ["EHLO", "NOOP"]
    assert not {"MAIL", "RCPT", "DATA"} & {line[:4].upper() for line in told}


def test_a_mail_server_that_turns_us_away(mail_server):
    mail_server("554 go away", "221 bye")

    finding = look("mail")

    assert "554" in finding.says and "EMAIL_URL" in finding.advice


def test_a_mail_server_that_is_not_there(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1

    assert "ConnectionRefusedError" in look("mail").says


def test_mails_that_are_files_need_a_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    assert look("mail").is_ok and Path(settings.EMAIL_FILE_PATH).is_dir()


def test_a_disk_that_is_nearly_full(monkeypatch):
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: type("Usage", (), {"total": 50_000_000_000, "free": 200_000_000})()
    )

    assert "Only 0.2 GB" in look("disk").says


def test_a_check_that_breaks_is_a_fault_and_stops_no_other(monkeypatch):
    monkeypatch.setitem(doctor.PARTS, "disk", lambda: 1 / 0)

    found = {one.part: one for one in doctor.examine(("disk", "time zones"))}

    assert "ZeroDivisionError" in found["disk"].says and found["time zones"].is_ok


# The command


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("doctor", *arguments, stdout=out, no_color=True)
    return end.value.code, out.getvalue()


def test_the_command_ends_with_1_and_says_what_to_do(monkeypatch, worker):
    code, said = run()

    assert code == 1  # the schedule was never heard
    assert "FAULT schedule" in said and "→ Start it: celery -A ims2 beat" in said
    assert "1 of 13 parts need attention." in said


def test_the_command_ends_with_0_when_all_is_well_and_speaks_json(worker):
    tasks.tick()

    code, said = run("--json")

    answer = json.loads(said)
    assert (code, answer["well"], len(answer["findings"])) == (0, True, 13)


def test_a_mail_is_sent_only_when_asked(worker, mailoutbox):
    run()
    assert mailoutbox == []

    run("--send-to", "me@firm.example")

    assert [mail.to for mail in mailoutbox] == [["me@firm.example"]]

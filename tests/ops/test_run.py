"""`python3 run.py` as its user meets it: one sentence when it cannot start, a clean stop, nothing lost."""

import fcntl
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys

import pytest

from .conftest import ROOT, clean_environment, fetch, free_port, wait_for

# Seconds after which it is given up. A first start writes the whole demo, perhaps while every core is busy with other tests.
LONGEST_FIRST_START = 900
LONGEST_START = 300


def ready(port):
    return fetch(f"http://127.0.0.1:{port}/readyz")[0] == 200


def serving(program, port, seconds=LONGEST_START):
    def ready_or_dead():
        assert program.process.poll() is None, program.text
        return ready(port)

    wait_for(ready_or_dead, seconds, f"Ready on port {port}; it said:\n{program.text}")


def refused(program) -> str:
    """What a start that cannot go on says; it must be short and without a traceback."""
    code = program.process.wait(180)

    assert code == 1, program.text
    assert "Traceback" not in program.text
    return program.text.strip()


def test_a_taken_port_is_a_sentence(run_py):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        said = refused(run_py("--port", str(port)))

    assert said == (
        f"Port {port} is taken by another program. Stop that one, or choose another port: "
        f"python3 run.py --port {port + 1}"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "70000"], "A port is a number from 1 to 65535, not 70000."),
        (["--host", "203.0.113.9"], "Cannot listen on 203.0.113.9: "),
        (["--host", "no-such-host.invalid"], "Cannot listen on no-such-host.invalid: "),
    ],
)
def test_an_impossible_address_is_a_sentence(run_py, arguments, sentence):
    assert refused(run_py(*arguments)).startswith(sentence)


@pytest.mark.parametrize("content", [b"not a database at all " * 400, b"SQLite format 3\0" + b"\x07" * 8000])
def test_a_damaged_database_is_a_sentence(run_py, tmp_path, content):
    (tmp_path / "var").mkdir()
    path = tmp_path / "var" / "ims2.sqlite3"
    path.write_bytes(content)

    said = refused(run_py("--port", str(free_port())))

    assert said.startswith(f"The database {path} is damaged (")
    assert "your last backup" in said and f"mv {path} {path}.damaged" in said
    assert path.read_bytes() == content


def test_a_database_damaged_in_the_middle_is_a_sentence(run_py, tmp_path):
    (tmp_path / "var").mkdir()
    path = tmp_path / "var" / "ims2.sqlite3"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
    database.executemany("INSERT INTO note (text) VALUES (?)", [("word " * 200,) for _ in range(200)])
    database.commit()
    database.close()
    with path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(os.urandom(8 * 4096))

    assert refused(run_py("--port", str(free_port()))).startswith(f"The database {path} is damaged (")


def test_a_second_start_on_the_same_folder_is_a_sentence(run_py, tmp_path):
    (tmp_path / "var" / "run").mkdir(parents=True)
    with (tmp_path / "var" / "run" / "ims2.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 4711, http://localhost:8000")
        lock.flush()

        said = refused(run_py("--port", str(free_port())))

    assert said == (
        f"IMS2 already runs on {tmp_path / 'var'} (process 4711, http://localhost:8000). "
        "Stop it first, or set IMS2_VAR."
    )


def test_a_folder_that_cannot_be_written_is_a_sentence(run_py, tmp_path):
    (tmp_path / "var").write_text("a file where the folder should be")

    assert refused(run_py()).startswith(f"The data folder {tmp_path / 'var'} cannot be used: ")


def test_a_bad_setting_is_a_sentence(run_py):
    assert refused(run_py("--port", str(free_port()), DEBUG="perhaps")) == (
        "DEBUG must be one of true, false, 1, 0, yes, no, on, off; it is 'perhaps'."
    )


def test_a_database_that_does_not_answer_is_a_sentence(run_py):
    said = refused(run_py("--port", str(free_port()), DATABASE_URL="postgres://nobody@127.0.0.1:1/ims2"))

    assert said.startswith("The database does not answer: ")


def test_an_old_python_is_a_sentence():
    code = (
        "import sys; sys.version_info = (3, 9, 2, 'final', 0); exec(compile(open('run.py').read(), 'run.py', 'exec'))"
    )

    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (said.returncode, said.stderr.strip()) == (1, "IMS2 needs Python 3.11 or newer; this is Python 3.9.")


def family(pid: int) -> dict[int, str]:
    """All processes below `pid`, by number, with their command lines."""
    parents, commands = {}, {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                with open(f"/proc/{entry.name}/stat") as stat, open(f"/proc/{entry.name}/cmdline") as command:
                    parents[int(entry.name)] = int(stat.read().rpartition(")")[2].split()[1])
                    commands[int(entry.name)] = command.read().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
    below, found = {pid}, {}
    while True:
        more = {child for child, parent in parents.items() if parent in below} - below
        if not more:
            return found
        below |= more
        found |= {child: commands[child] for child in more}


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_serves_stops_cleanly_and_loses_nothing(run_py, tmp_path):
    port = free_port()

    first = run_py("--port", str(port))
    serving(first, port, LONGEST_FIRST_START)
    wait_for(lambda: "Ctrl-C stops it." in first.text, 60, "The address")
    assert f"http://localhost:{port}" in first.text
    sign_ins = re.findall(r"^    (\S+@\S+)\s+(\S.*)$", first.text, re.M)
    assert len(sign_ins) == 12 and "password ims2-demo" in first.text
    children = family(first.process.pid)
    for part in ("gunicorn", "-Q celery", "-Q jobs", "celery -A ims2 beat"):
        assert any(part in command for command in children.values()), children
    assert first.stop(signal.SIGINT) == 0, first.text
    assert not [pid for pid in children if alive(pid)]
    assert "Traceback" not in first.text
    for name in ("web", "worker", "jobs", "beat"):
        assert "Traceback" not in (tmp_path / "var" / "log" / f"{name}.log").read_text()

    database = sqlite3.connect(tmp_path / "var" / "ims2.sqlite3")
    with database:
        database.execute("UPDATE accounts_user SET name = 'Renamed between two starts' WHERE email LIKE 'staff@demo%'")
    people = database.execute("SELECT id, email, name FROM accounts_user ORDER BY id").fetchall()
    projects = database.execute("SELECT * FROM projects_project ORDER BY id").fetchall()
    database.close()
    key = (tmp_path / "var" / "secrets" / "secret_key").read_text()

    second = run_py("--port", str(port))
    serving(second, port)
    assert second.stop(signal.SIGTERM) == 0, second.text

    database = sqlite3.connect(tmp_path / "var" / "ims2.sqlite3")
    assert database.execute("SELECT id, email, name FROM accounts_user ORDER BY id").fetchall() == people
    assert database.execute("SELECT * FROM projects_project ORDER BY id").fetchall() == projects
    database.close()
    assert (tmp_path / "var" / "secrets" / "secret_key").read_text() == key
    assert "Preparing" not in second.text and "Loading" not in second.text and "Installing" not in second.text


def test_a_dead_part_is_started_again_and_nothing_outlives_the_supervisor(run_py):
    port = free_port()
    program = run_py("--port", str(port), "--no-demo")
    serving(program, port, LONGEST_FIRST_START)
    wait_for(lambda: "Ctrl-C stops it." in program.text, 60, "The address")
    assert "Demo sign-ins" not in program.text
    assert "manage.py add_organization" in program.text

    worker = next(pid for pid, command in family(program.process.pid).items() if "-Q celery" in command)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: "The worker stopped (code -9); started again in 1 s." in program.text, 60, "The sentence")
    again = wait_for(
        lambda: [pid for pid, command in family(program.process.pid).items() if "-Q celery" in command],
        10,
        "A worker",
    )
    assert worker not in again

    children = list(family(program.process.pid))
    program.process.kill()
    wait_for(lambda: not any(alive(pid) for pid in children), 120, "The end of all parts")


def test_a_half_made_environment_is_noticed(tmp_path, monkeypatch):
    import run

    monkeypatch.setattr(run, "PYTHON", tmp_path / "bin" / "python")
    assert not run.pip_answers()

    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "python").chmod(0o755)
    assert not run.pip_answers()

    (tmp_path / "bin" / "python").unlink()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert run.pip_answers()


def test_a_part_that_fails_five_times_in_a_row_is_given_up(tmp_path, monkeypatch, capsys):
    import run

    monkeypatch.setattr(run, "VAR", tmp_path)
    (tmp_path / "log").mkdir()
    child = run.Child("worker", "The worker", ["/bin/false"], dict(os.environ))
    monkeypatch.setattr(child, "PAUSES", (0, 0, 0, 0, 0))

    for _ in range(100):
        child.look_after()
        if child.process:
            child.process.wait(10)

    said = capsys.readouterr().out.splitlines()
    assert len(said) == 6
    assert said[-1].startswith("The worker stopped 6 times in a row and is not started again.")


def test_the_sentence_without_the_pdf_libraries_is_the_command_to_type(monkeypatch, capsys):
    import run

    monkeypatch.setattr(run, "PDF_LIBRARIES", ["libnowhere.so.0"])
    monkeypatch.setattr(run, "apt_install", lambda packages, why: False)

    run.prepare_pdf()

    assert "sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in capsys.readouterr().out


def test_demo_sign_ins_on_the_screen_exist_and_open(db):
    pytest.importorskip("projects.management.commands.seed_demo")
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    import run

    call_command("load_catalogue", verbosity=0)
    call_command("seed_demo", verbosity=0)

    for email, _role in run.DEMO_PEOPLE:
        assert get_user_model().objects.get(email=email).check_password(run.DEMO_PASSWORD), email


def test_the_help_names_the_three_ways(tmp_path):
    said = subprocess.run(
        [sys.executable, "run.py", "--help"], cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True
    )

    for words in ("--port", "--host", "--no-demo", "run.py test", "run.py bench"):
        assert words in said.stdout

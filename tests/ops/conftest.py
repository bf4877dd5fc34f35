"""Starts parts of an installation as a person would, far from the data of any other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "IMS2_",
    "DJANGO_",
    "DATABASE_URL",
    "REDIS_URL",
    "BASE_URL",
    "ALLOWED_HOSTS",
    "SECRET_KEY",
    "EMAIL_URL",
    "DEBUG",
)
OURS += ("PYTEST", "COV_", "BIND", "MFA_REQUIRED", "TRUSTED_PROXIES", "JOURNAL_KEY", "STATIC_ROOT", "LOG_", "WORKERS")


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a fresh machine: an empty home folder and nothing set for IMS2."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    home.mkdir(parents=True, exist_ok=True)
    return {**kept, "HOME": str(home), **more}


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def fetch(address: str, **headers: str) -> tuple[int, str]:
    """Status and text of an answer; 0 when nobody answers."""
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (always http)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def wait_for(condition, seconds: float, what: str):
    """The first true answer of `condition`; fails with `what` after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} within {seconds} s")


class Program:
    """A process under test, its output in a file."""

    def __init__(self, command: list, environment: dict, output: Path) -> None:
        self.output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


@pytest.fixture
def programs(tmp_path):
    """Starts processes that are gone when the test ends, however it ends."""
    started = []

    def start(name: str, command: list, environment: dict) -> Program:
        program = Program(command, environment, tmp_path / f"{name}.{len(started)}.out")
        started.append(program)
        return program

    yield start
    for program in reversed(started):
        program.end()


@pytest.fixture
def run_py(tmp_path, programs):
    """Starts run.py on an installation of this test's own."""

    def start(*arguments: str, **more: str) -> Program:
        environment = clean_environment(tmp_path / "home", IMS2_VAR=str(tmp_path / "var"), **more)
        return programs("run", [sys.executable, "run.py", *arguments], environment)

    return start

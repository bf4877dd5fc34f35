#!/usr/bin/env python3
"""Sets this installation up and runs it; needs nothing but Python 3.11.

    python3 run.py [--port N] [--host H] [--no-demo]    serve, until Ctrl-C
    python3 run.py test [pytest arguments]              everything the tests need, and the whole suite
    python3 run.py bench [name]                         the benchmarks

The first start makes a virtual environment, installs what the lock files pin, and prepares the database under var/
(or IMS2_VAR). Later starts find all of it in place. Until the environment exists only the standard library is used.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("IMS2 needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])

import argparse
import contextlib
import ctypes
import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = Path(os.environ.get("IMS2_VAR") or ROOT / "var").resolve()

DEMO_PASSWORD = "ims2-demo"
DEMO_PEOPLE = [
    ("consultant@demo.example", "Consultant"),
    ("manager@demo.example", "Project manager"),
    ("management@demo.example", "Top management"),
    ("auditor@demo.example", "Auditor"),
    ("processowner@demo.example", "Process owner"),
    ("riskowner@demo.example", "Risk owner"),
    ("documents@demo.example", "Document controller"),
    ("hr@demo.example", "HR"),
    ("staff@demo.example", "Staff"),
    ("admin@demo.example", "Client admin"),
    ("certifier@demo.example", "Certification-body auditor"),
    ("consultant@seefeld.example", "Consultant of another client, sees nothing of the first"),
]

PDF_LIBRARIES = ["libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"]
PDF_PACKAGES = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
TEST_PACKAGES = ["chromium", "libatomic1"]


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["test"]:
        sys.exit(test(arguments[1:]))
    if arguments[:1] == ["bench"]:
        sys.exit(bench(arguments[1:]))
    serve(read_options(arguments))


def read_options(arguments: list) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="port of the web server (8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--no-demo", action="store_true", help="start without the demo client")
    options = parser.parse_args(arguments)
    if not 0 < options.port < 65536:
        sys.exit(f"A port is a number from 1 to 65535, not {options.port}.")
    return options


def say(text: str = "") -> None:
    print(text, flush=True)


# --- Setting up ------------------------------------------------------------------------------------


def install(lock: str) -> None:
    """Brings the virtual environment to what `lock` pins; done in no time when it is there already."""
    make_environment()
    wanted = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    stamp = VENV / f"{lock}.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing what {lock} pins (a minute or two, once) …")
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    if subprocess.run([*pip, "-r", ROOT / lock], cwd=ROOT).returncode:
        sys.exit("The packages could not be installed; pip says above why. Mend that and start again.")
    for other in VENV.glob("*.installed"):
        other.unlink()  # the other lock may pin something else: looked at anew when it is asked for
    stamp.write_text(wanted)
    if lock == "requirements-test.lock":  # it holds all of the other one, in the same versions
        base = VENV / "requirements.lock.installed"
        base.write_text(hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest())


def make_environment() -> None:
    """Makes .venv; one that was left half-made (a stop in the middle, a Python that is gone) is made anew."""
    if pip_answers():
        return
    if VENV.exists():
        say("The virtual environment .venv is not complete; making it anew …")
        shutil.rmtree(VENV)
    else:
        say("Making the virtual environment .venv …")
    if importlib.util.find_spec("ensurepip") is None and not apt_install(["python3-venv"], "Installing python3-venv …"):
        sys.exit(
            "Python's venv module is missing. Install it and start again:\n    sudo apt-get install -y python3-venv"
        )
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode or not pip_answers():
        shutil.rmtree(VENV, ignore_errors=True)
        reason = (made.stderr or made.stdout).strip().splitlines()[-1:] or ["no reason given"]
        sys.exit(f"The virtual environment could not be made: {reason[0]}")


def pip_answers() -> bool:
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def apt_install(packages: list, why: str) -> bool:
    """Installs Debian packages where this is allowed without asking for a password; says whether they are there now."""
    if not shutil.which("apt-get"):
        return False
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and (not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode):
        return False
    say(why)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if subprocess.run(command, env=quiet, capture_output=True).returncode == 0:
        return True
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=quiet, capture_output=True)
    return subprocess.run(command, env=quiet, capture_output=True).returncode == 0


def libraries_load(names: list) -> bool:
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
    return True


def prepare_pdf() -> None:
    if libraries_load(PDF_LIBRARIES):
        return
    apt_install(PDF_PACKAGES, "Installing the libraries that make PDFs …")
    if not libraries_load(PDF_LIBRARIES):
        say("PDFs are off until somebody with administrator rights types:")
        say(f"    sudo apt-get install -y {' '.join(PDF_PACKAGES)}")


def prepare_browser() -> None:
    if any(shutil.which(name) for name in BROWSERS) and libraries_load(["libatomic.so.1"]):
        return
    apt_install(TEST_PACKAGES, "Installing Chromium for the browser tests …")
    if not any(shutil.which(name) for name in BROWSERS):
        say("Tests in the browser are left out until somebody with administrator rights types:")
        say(f"    sudo apt-get install -y {' '.join(TEST_PACKAGES)}")


def test(arguments: list) -> int:
    install("requirements-test.lock")
    prepare_pdf()
    prepare_browser()
    # The whole suite uses all cores, a file's tests together; with arguments pytest is told what to do.
    whole = ["-n", str(os.cpu_count() or 1), "--dist", "loadfile"] if not arguments else []
    return subprocess.run([PYTHON, "-m", "pytest", *whole, *arguments], cwd=ROOT).returncode


def bench(arguments: list) -> int:
    install("requirements-test.lock")
    return subprocess.run([PYTHON, "manage.py", "bench", *arguments], cwd=ROOT).returncode


# --- Serving ---------------------------------------------------------------------------------------


def serve(options: argparse.Namespace) -> None:
    lock = take_lock(options)
    refuse_taken_port(options)
    install("requirements.lock")
    prepare_pdf()
    os.umask(0o077)  # what this installation writes is its owner's business
    environment = {**os.environ, **own_settings(options)}
    command = [PYTHON, "-m", "ims2.prepare", *(["--no-demo"] if options.no_demo else [])]
    try:
        prepared = subprocess.run(command, cwd=ROOT, env=environment)
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    if prepared.returncode:
        sys.exit(prepared.returncode)
    with lock:
        sys.exit(Supervisor(options, environment).run())


def own_settings(options: argparse.Namespace) -> dict:
    """What the settings cannot know by themselves: where this start listens."""
    host = f"[{options.host}]" if ":" in options.host else options.host
    settings = {"IMS2_VAR": str(VAR), "BIND": f"{host}:{options.port}", "PYTHONUNBUFFERED": "1"}
    if not os.environ.get("BASE_URL"):
        settings["BASE_URL"] = address_of(options)
    if not os.environ.get("ALLOWED_HOSTS") and os.environ.get("IMS2_ENV") != "production":
        settings["ALLOWED_HOSTS"] = ",".join(["localhost", "127.0.0.1", "[::1]", *own_names(host)])
    return settings


def own_names(host: str) -> list:
    """Names under which other machines may reach this one, when it listens to them at all."""
    if host in ("127.0.0.1", "localhost", "[::1]"):
        return []
    if host not in ("0.0.0.0", "[::]"):
        return [host]
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        return [name, *sorted({found[4][0] for found in socket.getaddrinfo(name, None, socket.AF_INET)})]
    return [name]


def address_of(options: argparse.Namespace) -> str:
    """What to type into the browser. A passkey works on localhost and over HTTPS, not on a bare number."""
    host = "localhost" if options.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else options.host
    return f"http://{f'[{host}]' if ':' in host else host}:{options.port}"


def take_lock(options: argparse.Namespace):
    """Holds var/run/ims2.lock while this process lives; a second start on the same folder stops here."""
    try:
        (VAR / "run").mkdir(parents=True, exist_ok=True)
        lock = (VAR / "run" / "ims2.lock").open("a+")
    except OSError as error:
        sys.exit(f"The data folder {VAR} cannot be used: {error.strerror}. Choose another with IMS2_VAR.")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        sys.exit(f"IMS2 already runs on {VAR} ({lock.read().strip() or 'starting'}). Stop it first, or set IMS2_VAR.")
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, {address_of(options)}")
    lock.flush()
    return lock


def refuse_taken_port(options: argparse.Namespace) -> None:
    try:
        family, kind, _, _, where = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(
                f"Port {options.port} is taken by another program. Stop that one, or choose another port: "
                f"python3 run.py --port {options.port + 1 if options.port < 65535 else 8000}"
            )
        if error.errno == errno.EACCES:
            sys.exit(f"Port {options.port} is open to administrators only. Choose one above 1023.")
        sys.exit(f"Cannot listen on {options.host}: {error.strerror}. Choose an address of this machine with --host.")


class Child:
    """One process of the installation: started anew with growing pauses, given up after five failures in a row."""

    PAUSES = (1, 2, 4, 8, 16)
    STEADY_SECONDS = 60  # whoever lived this long did not fail at its start

    def __init__(self, name: str, title: str, command: list, environment: dict) -> None:
        self.name, self.title, self.command, self.environment = name, title, command, environment
        self.log = VAR / "log" / f"{name}.log"
        self.process = None
        self.failures = 0
        self.again_at = 0.0
        self.is_given_up = False

    def start(self) -> None:
        self.began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
                preexec_fn=end_with_parent,
            )

    def look_after(self) -> None:
        """Starts a process that ended, unless it has to wait or was given up."""
        now = time.monotonic()
        if self.is_given_up or (self.process and self.process.poll() is None):
            return
        if self.process:
            if now - self.began > self.STEADY_SECONDS:
                self.failures = 0
            if self.failures == len(self.PAUSES):
                self.is_given_up = True
                say(f"{self.title} stopped {self.failures + 1} times in a row and is not started again. See {self.log}")
                self.process = None
                return
            pause = self.PAUSES[self.failures]
            self.failures += 1
            say(f"{self.title} stopped (code {self.process.returncode}); started again in {pause} s. See {self.log}")
            self.process, self.again_at = None, now + pause
        elif now >= self.again_at:
            self.start()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        if self.is_running():
            self.process.send_signal(number)  # to the main process only: it lets its own children finish

    def end_group(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


LIBC = ctypes.CDLL(None)


def end_with_parent() -> None:
    """On Linux a child is told to stop when its supervisor is killed, so that nothing keeps the port."""
    pr_set_pdeathsig = 1
    with contextlib.suppress(AttributeError):
        LIBC.prctl(pr_set_pdeathsig, signal.SIGTERM)


class Supervisor:
    """Web server, two workers and the schedule, each a process; holds none of the application itself.

    Long jobs (reports, exports) have a worker of their own, so that forty of them never make a mail or a reminder late.
    """

    PATIENCE_SECONDS = 60

    def __init__(self, options: argparse.Namespace, environment: dict) -> None:
        self.options = options
        celery = [PYTHON, "-m", "celery", "-A", "ims2"]
        self.web = Child(
            "web",
            "The web server",
            [PYTHON, "-m", "gunicorn", "-c", "ims2/gunicorn.py", "ims2.wsgi"],
            environment,
        )
        worker = [
            *celery,
            "worker",
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        self.worker = Child(
            "worker", "The worker", [*worker, "-Q", "celery", "-n", "worker@%h", "-c", "2"], environment
        )
        self.jobs = Child("jobs", "The worker of long jobs", [*worker, "-Q", "jobs", "-n", "jobs@%h"], environment)
        self.beat = Child("beat", "The schedule", [*celery, "beat", "--loglevel", "WARNING", "--pidfile="], environment)
        self.children = [self.web, self.worker, self.jobs, self.beat]
        self.stops = 0

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        (VAR / "log").mkdir(exist_ok=True)
        for child in self.children:
            keep_short(child.log)
            child.start()
        is_announced = False
        while not self.stops:
            for child in self.children:
                child.look_after()
            if self.web.is_given_up:
                say(last_lines(self.web.log))
                self.stop()
                return 1
            if not is_announced and self.answers():
                self.announce()
                is_announced = True
            time.sleep(0.2)
        return self.stop()

    def ask_to_stop(self, *_: object) -> None:
        self.stops += 1

    def answers(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(self.options.host, self.options.host)
        request = urllib.request.Request(f"http://{host}:{self.options.port}/healthz", headers={"Host": "localhost"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=2) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return True  # it answers; a production host name is asked for in another way
        except OSError:
            return False

    def announce(self) -> None:
        say()
        say(f"IMS2 runs at  {address_of(self.options)}")
        who = (VAR / "run" / "sign-ins").read_text()
        if who == "demo":
            say(f"\nDemo sign-ins, password {DEMO_PASSWORD}:")
            for email, role in DEMO_PEOPLE:
                say(f"    {email:<28} {role}")
        if who == "nobody":
            say("\nNobody can sign in yet. Found the first organization; it prints a link for its admin:")
            say("    .venv/bin/python manage.py add_organization --name … --slug … --admin-email …")
        if not os.environ.get("EMAIL_URL"):
            say(f"\nMails are written to {VAR / 'mail'} (EMAIL_URL names a mail server).")
        say("Ctrl-C stops it.")

    def stop(self) -> int:
        """Lets running requests and jobs finish; a second Ctrl-C ends them at once."""
        say("\nStopping …")
        asked = self.stops
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        until = time.monotonic() + self.PATIENCE_SECONDS
        while any(child.is_running() for child in self.children):
            if self.stops > asked or time.monotonic() > until:
                say("Not waiting any longer.")
                break
            time.sleep(0.1)
        for child in self.children:
            child.end_group()
            if child.process:
                child.process.wait()
        say("Stopped. Everything is kept in " + str(VAR))
        return 0


def keep_short(log: Path) -> None:
    """A log of more than 5 MB is put aside at the start, the one before it is dropped."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > 5_000_000:
            log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, count: int = 12) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    return ""


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped.")

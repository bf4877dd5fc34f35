"""docker-compose.yml is what is meant, and its commands run: by hand, on a real PostgreSQL and Redis."""

import os
import re
import secrets
import shlex
import signal
import socket

import pytest
import yaml

from .conftest import ROOT, clean_environment, fetch, free_port, wait_for

POSTGRES = os.environ.get("IMS2_CI_POSTGRES", "postgres://postgres@127.0.0.1:5432/ims2_ci")
REDIS = os.environ.get("IMS2_CI_REDIS", "redis://127.0.0.1:6379/9")
SERVER = POSTGRES.rpartition("/")[0]

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "jobs", "beat")


def seconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+)s", text)[1])


# The file


def test_production_is_web_two_workers_beat_postgresql_and_redis():
    assert set(SERVICES) == {"migrate", "web", "worker", "jobs", "beat", "database", "redis"}
    assert SERVICES["database"]["image"].startswith("postgres:15")
    assert SERVICES["redis"]["image"].startswith("redis:7")


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_service_has_a_health_check_and_time_to_stop(name):
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert seconds(check["timeout"]) <= seconds(check["interval"])
    assert seconds(SERVICES[name]["stop_grace_period"]) >= 10
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights(name):
    service = SERVICES[name]

    assert service["user"] == "10001:10001"
    assert service["init"] is True and service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "data:/data" in service["volumes"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER ims2$", dockerfile, re.M) and "--uid 10001" in dockerfile


def test_each_queue_has_a_worker_of_its_own():
    queues = {name: SERVICES[name]["command"][SERVICES[name]["command"].index("-Q") + 1] for name in ("worker", "jobs")}

    assert queues == {"worker": "celery", "jobs": "jobs"}


def test_a_worker_may_finish_its_job_before_it_is_killed(settings):
    grace = min(seconds(SERVICES[name]["stop_grace_period"]) for name in ("worker", "jobs"))

    assert grace > settings.CELERY_TASK_SOFT_TIME_LIMIT
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT < 7200


def test_everything_waits_for_the_tables():
    assert SERVICES["migrate"]["restart"] == "no"
    assert set(SERVICES["migrate"]["depends_on"]) == {"database", "redis"}
    for name in ("web", "worker", "jobs", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_secrets_have_no_default():
    text = (ROOT / "docker-compose.yml").read_text()

    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "BASE_URL", "ALLOWED_HOSTS", "EMAIL_URL"):
        assert re.search(rf"\$\{{{name}:\?", text), name


def test_data_outlives_the_containers():
    assert set(COMPOSE["volumes"]) == {"data", "database", "redis"}
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql/data"]
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert "--appendonly" in SERVICES["redis"]["command"]


def test_the_image_installs_what_the_lock_pins_and_the_libraries_for_pdf():
    import run

    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "pip install --no-cache-dir --require-hashes -r requirements.lock" in dockerfile
    for package in run.PDF_PACKAGES:
        assert package in dockerfile
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "var", ".env"} <= set(ignored)


# The commands


@pytest.fixture
def database():
    """An empty PostgreSQL database of this test's own."""
    import psycopg2

    try:
        server = psycopg2.connect(f"{SERVER}/postgres", connect_timeout=3)
    except psycopg2.OperationalError:
        pytest.skip("The production commands were not tried: no PostgreSQL answers (IMS2_CI_POSTGRES).")
    server.autocommit = True
    name = f"ims2_ops_{secrets.token_hex(4)}"
    with server.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield f"{SERVER}/{name}"
    with server.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.close()


@pytest.fixture
def queue():
    """An empty Redis database; the messages of this test are gone afterwards."""
    import redis

    url = re.sub(r"/\d+$", "", REDIS) + "/10"
    server = redis.Redis.from_url(url, socket_connect_timeout=3)
    try:
        server.flushdb()
    except redis.ConnectionError:
        pytest.skip("The production commands were not tried: no Redis answers (IMS2_CI_REDIS).")
    yield url
    server.flushdb()
    server.close()


@pytest.fixture
def production(tmp_path, database, queue, programs):
    """Starts a service of docker-compose.yml by its own command, in the environment that file gives it."""
    port = free_port()
    given = {
        "BASE_URL": "https://ims2.example",
        "ALLOWED_HOSTS": "ims2.example",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "POSTGRES_PASSWORD": "",
    }
    by_hand = {
        "DATABASE_URL": database,
        "REDIS_URL": queue,
        "IMS2_VAR": str(tmp_path / "data"),
        "HOSTNAME": socket.gethostname(),
    }

    def environment(name: str) -> dict[str, str]:
        values = {}
        for key, value in SERVICES[name]["environment"].items():
            # ${NAME:?why} and ${NAME:-default}, as Compose reads them
            values[key] = re.sub(
                r"\$\{(\w+)(?::[?-]([^}]*))?\}",
                lambda found: given.get(found[1], found[2] or ""),
                str(value),
            )
        values.pop("STATIC_ROOT", None)
        if "BIND" in values:
            values["BIND"] = f"127.0.0.1:{port}"
        bin_folder = str(ROOT / ".venv" / "bin")
        path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
        return clean_environment(tmp_path / "home", **{**values, **by_hand, "PATH": path})

    def command(name: str, part: str = "command") -> list[str]:
        words = SERVICES[name]["healthcheck"]["test"] if part == "healthcheck" else SERVICES[name]["command"]
        if words[0] == "CMD-SHELL":
            return ["sh", "-c", words[1].replace("$$", "$")]
        words = [str(word).replace("http://127.0.0.1:8000", f"http://127.0.0.1:{port}") for word in words]
        return words[1:] if words[0] == "CMD" else words

    def start(name: str, part: str = "command"):
        return programs(f"{name}-{part}", command(name, part), environment(name))

    start.port = port
    return start


def test_the_same_commands_serve_on_postgresql_and_redis(production):
    migrate = production("migrate")
    assert migrate.process.wait(900) == 0, migrate.text

    services = {name: production(name) for name in ("web", "worker", "jobs", "beat")}

    def ask(path):
        return fetch(
            f"http://127.0.0.1:{production.port}{path}", **{"Host": "ims2.example", "X-Forwarded-Proto": "https"}
        )

    def everything_is_up():
        for name, service in services.items():
            assert service.process.poll() is None, f"{name}: {service.text}"
        return ask("/readyz")[0] == 200

    wait_for(everything_is_up, 300, "Ready")
    assert ask("/healthz") == (200, '{"status": "alive"}')
    for name in services:
        health = production(name, "healthcheck")
        assert health.process.wait(180) == 0, f"{name}: {shlex.join(health.process.args)}: {health.text}"
    assert fetch(f"http://127.0.0.1:{production.port}/healthz", Host="evil.example")[0] == 400

    for name, service in services.items():
        assert service.stop(signal.SIGTERM, seconds=40) == 0, f"{name}: {service.text}"
        assert "Traceback" not in service.text, f"{name}: {service.text}"

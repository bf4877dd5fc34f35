"""/healthz says that the process answers, /readyz names the part that does not work and nothing more."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from core import health
from core.models import Heartbeat
from core.tasks import tick

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(settings, tmp_path):
    if not settings.REDIS_URL:
        settings.QUEUE_FOLDER = tmp_path


def test_alive_needs_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(reverse("health:alive"))

    assert (reverse("health:alive"), answer.status_code, answer.json()) == ("/healthz", 200, {"status": "alive"})


def test_ready_when_every_part_works(client, queue, django_assert_max_num_queries):
    tick()

    with django_assert_max_num_queries(4):
        answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "ok", "queue": "ok", "migrations": "ok", "beat": "ok"}


def failing(answer):
    assert answer.status_code == 503
    states = answer.json()
    assert states.pop("status") == "not ready"
    assert set(states.values()) <= {"ok", "failing"}
    return {name for name, state in states.items() if state == "failing"}


def test_a_schedule_never_heard_is_named(client, queue):
    assert failing(client.get("/readyz")) == {"beat"}


def test_a_schedule_silent_for_two_minutes_is_named(client, queue):
    Heartbeat.objects.create(name="beat", at=timezone.now() - dt.timedelta(seconds=121))
    assert failing(client.get("/readyz")) == {"beat"}

    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(seconds=110))
    assert client.get("/readyz").status_code == 200


def test_a_missing_migration_is_named(client, queue, monkeypatch):
    tick()
    monkeypatch.setattr(health, "migrations_of_this_version", lambda: frozenset({("core", "9999_later")}))

    assert failing(client.get("/readyz")) == {"migrations"}


def test_a_lost_queue_is_named(client, settings, tmp_path):
    tick()
    settings.REDIS_URL = ""
    settings.QUEUE_FOLDER = tmp_path / "gone"

    assert failing(client.get("/readyz")) == {"queue"}


def test_a_lost_redis_is_named_soon(client, settings, monkeypatch):
    from celery import current_app
    from kombu import Connection

    tick()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(current_app, "connection_for_write", lambda: Connection(settings.REDIS_URL))

    assert failing(client.get("/readyz")) == {"queue"}


def test_a_lost_database_is_named_and_its_reason_is_not(client, queue, monkeypatch):
    def lost():
        raise ConnectionError("password of the database: canary")

    monkeypatch.setattr(health, "database_answers", lost)
    monkeypatch.setitem(health.PARTS, "database", lost)

    answer = client.get("/readyz")

    assert "database" in failing(answer)
    assert b"canary" not in answer.content


def test_health_is_only_read(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def test_a_tick_keeps_one_row_with_the_latest_moment():
    tick()
    first = Heartbeat.objects.get().at
    tick()

    assert Heartbeat.objects.get().at > first

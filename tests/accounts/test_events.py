"""The log of signing in is written once."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import AuthEvent
from accounts.models.events import AuthEventKind
from accounts.services import events
from core.append_only import protected_tables


@pytest.fixture
def event(person):
    return events.record(kind=AuthEventKind.SIGNED_IN, user=person, detail="password")


def test_the_database_refuses_to_change_an_event(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuthEvent.objects.filter(pk=event.pk).update(detail="nothing")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_authevent SET user_id = NULL")

    event.refresh_from_db()
    assert event.detail == "password"


def test_the_database_refuses_to_delete_an_event(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_authevent")

    assert AuthEvent.objects.count() == 1


def test_a_person_with_events_cannot_be_deleted_from_under_them(event, person):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        person.delete()


def test_the_table_is_among_the_protected_ones(db):
    assert "accounts_authevent" in protected_tables(connection)


def test_long_and_strange_values_are_cut_and_not_refused(person, rf):
    event = events.record(
        kind=AuthEventKind.SIGN_IN_FAILED,
        user=None,
        email="x" * 400,
        detail="y" * 400,
        request=rf.get("/", REMOTE_ADDR="nonsense"),
    )

    assert (len(event.email), len(event.detail), event.address) == (254, 200, "0.0.0.0")  # noqa: S104

"""How many queries a piece of work may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext


@contextmanager
def queries(most: int, *, exactly: bool = False, using=None) -> Iterator[CaptureQueriesContext]:
    """Fails when the block sends more than `most` statements (or another number, with `exactly`), and lists them.

    with queries(10):
        client.get(address)
    """
    with CaptureQueriesContext(using or connection) as sent:
        yield sent
    count = len(sent)
    if count > most or (exactly and count != most):
        wanted = f"exactly {most}" if exactly else f"at most {most}"
        listed = "\n".join(f"{k:3d}. {query['sql'][:300]}" for k, query in enumerate(sent.captured_queries, start=1))
        raise AssertionError(f"{count} queries instead of {wanted}:\n{listed}")


def count_queries(work, using=None) -> int:
    """The number of statements `work()` sends."""
    with CaptureQueriesContext(using or connection) as sent:
        work()
    return len(sent)


def counted(client, places: dict[str, str]) -> dict[str, int]:
    """How many statements each page sends, by its name; asked once before, so that what a process keeps is there already."""
    found = {}
    for name, address in places.items():
        answer = client.get(address)
        assert answer.status_code == 200, f"{name} answers {answer.status_code}"
        found[name] = count_queries(lambda address=address: client.get(address))
    return found

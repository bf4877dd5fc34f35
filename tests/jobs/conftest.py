"""Sorts of work made for the tests, gone again afterwards."""

from __future__ import annotations

import pytest

from jobs import kinds
from jobs.kinds import Kind


@pytest.fixture
def a_kind():
    """Registers a kind for one test: `a_kind(work=…, effect=…, may=…)`; returns its name."""
    before = dict(kinds._kinds)

    def make(work=lambda run: {}, *, name="test", may=lambda job: True, **more) -> str:
        kinds.register(Kind(name, "Test work", work=work, may=may, **more))
        return name

    yield make
    kinds._kinds.clear()
    kinds._kinds.update(before)


@pytest.fixture(autouse=True)
def bells(monkeypatch):
    """The bells that were rung, as pks of jobs: here no broker carries them."""
    from jobs import ledger, tasks

    rung: list[int] = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **options: rung.append(args[0]))
    monkeypatch.setattr(ledger, "waiting", lambda queue: 0)
    return rung

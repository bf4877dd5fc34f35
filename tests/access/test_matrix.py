"""Every address, for everybody, by every method: the answer follows from the declared needs and the table MAY.

RELIABILITY T01, T02. The addresses come from the URLconf, the expected answers from the table; nothing is listed twice.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager

import pytest
from django.core.signals import got_request_exception
from django.urls import get_resolver

from core.access_check import addresses
from tests.access.conftest import THEIRS
from tests.access.probes import METHODS, agrees, expected, probe, text_of
from tests.access.samples import is_scoped, parts_of

pytestmark = pytest.mark.django_db

ADDRESSES = sorted({found.name: found for found in addresses()}.values(), key=lambda found: found.name)
PROBES = {"made": 0}


def names(found) -> str:
    return found.name


# Where no tenant is named, everybody signed in gets the same: a few of them stand for all.
# HEAD is GET without its body, and PUT, PATCH, DELETE are no methods of ours: there a few stand for all.
ESSENTIAL = ("GET", "POST")
FEW = ("anonymous", "consultant", "no_role")
SOME = ("anonymous", "disabled", "consultant", "auditor", "staff", "no_role", "superuser", "operator")


def places_of(address, worlds):
    """Where an address is tried, and by which methods: everything at home and abroad, the essential next door."""
    if not is_scoped(address):
        return {"foreign": (worlds.theirs.first, METHODS)}
    places = {"first": (worlds.ours.first, METHODS), "foreign": (worlds.theirs.first, METHODS)}
    if "project" in parts_of(address.pattern):
        places["second"] = (worlds.ours.second, ESSENTIAL)
    return places


@pytest.mark.parametrize("address", ADDRESSES, ids=names)
def test_every_address_answers_everybody_as_the_table_says(address, worlds, clients):
    faults: dict[str, list[str]] = {}
    for place, (target, methods) in places_of(address, worlds).items():
        for who, client in clients.items():
            if not is_scoped(address) and who not in SOME:
                continue
            wanted = expected(who, place, address)
            for method in methods:
                if method not in ESSENTIAL and who not in FEW:
                    continue
                with said_by_faults() as errors:
                    answer = probe(client, address, target, method)
                PROBES["made"] += 1
                if not agrees(address, answer, wanted, method):
                    note(faults, f"{method} in {place}: {answer.status_code} instead of {wanted} {errors}", who)
                if address.declares != "public" and _leaks(answer, worlds.theirs):
                    note(faults, f"{method} in {place}: shows words of the other tenant", who)
    assert not faults, f"{address.name} {address.pattern}:\n" + "\n".join(
        f"  {what} for {', '.join(who)}" for what, who in faults.items()
    )


def note(faults, what, who):
    faults.setdefault(what, []).append(who)


@contextmanager
def said_by_faults():
    """The exceptions behind an answer 500."""
    errors: list[str] = []

    def remember(sender, request, **kwargs):
        errors.append(repr(sys.exc_info()[1])[:300])

    got_request_exception.connect(remember)
    try:
        yield errors
    finally:
        got_request_exception.disconnect(remember)


def _leaks(answer, theirs) -> bool:
    """A canary of the other tenant, apart from an address that the request itself named."""
    word = THEIRS.lower()
    said = text_of(answer).lower()
    if word not in said:
        return False
    for echo in (f"client-{word}", f"firm-{word}", f"token-{word}"):
        said = said.replace(echo, "")
    return word in said


def test_more_than_six_thousand_probes_were_made(worlds):
    if len(ADDRESSES) > 40 and PROBES["made"] and PROBES["made"] < 6000:
        pytest.skip("Only a part of the matrix was run.")
    assert PROBES["made"] >= 6000
    print(f"\nAccess matrix: {len(ADDRESSES)} addresses, {PROBES['made']} probes, 0 disagreements.")


def test_every_address_is_declared():
    undeclared = [found.name for found in addresses(get_resolver()) if not found.declares]
    assert undeclared == []

"""An outsider checks signatures with the public key alone: the script runs by itself, far from Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approvals import proof
from approvals.models import Approval
from core import sealing
from projects import journal_check

from .conftest import sign

pytestmark = pytest.mark.django_db

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "verify_signature_offline.py"


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], cwd=folder, env={"PATH": "/usr/bin"}, capture_output=True, text=True
    )


@pytest.fixture
def exported(people, ask, tmp_path):
    approval = ask(people.deciders[:2])
    sign(approval, people.deciders[0], comment="Schön, «los»!")
    sign(approval, people.deciders[1], "reserved", "Name the sites.")
    (tmp_path / "key.pem").write_text(sealing.public_key_pem())
    body = proof.export(Approval.objects.select_related("content", "project__organization").get())
    save(tmp_path, body)
    lines = journal_check.export(people.project.organization, None)
    (tmp_path / "journal.jsonl").write_text("".join(lines), encoding="utf-8")
    return body


def save(folder, body):
    (folder / "signatures.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")


def test_untouched_signatures_hold_with_the_public_key_alone(exported, tmp_path):
    done = run(tmp_path, "signatures.json", "--public-key", "key.pem")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The signatures hold: 2 under A-001 “Policy”")
    assert "taken from the file itself" in run(tmp_path, "signatures.json").stdout
    with_journal = run(tmp_path, "signatures.json", "--key-id", sealing.key_id(), "--journal", "journal.jsonl")
    assert with_journal.returncode == 0, with_journal.stderr


def places(value, path=()):
    """Every text and number of the file, by the way to it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from places(item, (*path, at))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield path, value


def test_whatever_is_changed_in_the_file_is_noticed(exported, tmp_path):
    import importlib.util

    spec = importlib.util.spec_from_file_location("offline", SCRIPT)
    offline = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(offline)
    key, tried = str(tmp_path / "key.pem"), 0
    for path, value in places(exported):
        if path in (("kind",), ("version",)):
            continue
        changed = json.loads(json.dumps(exported))
        place = changed
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = (
            value + 1 if isinstance(value, int) else (chr(ord(value[0]) ^ 1) + value[1:] if value else "x")
        )
        save(tmp_path, changed)
        with pytest.raises((offline.Broken, ValueError)):
            offline.verify(str(tmp_path / "signatures.json"), public_key=key)
        tried += 1
    assert tried > 60


def test_another_key_does_not_do(exported, tmp_path):
    other = Ed25519PrivateKey.generate().public_key()
    (tmp_path / "other.pem").write_bytes(
        other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    assert run(tmp_path, "signatures.json", "--public-key", "other.pem").returncode == 1
    assert run(tmp_path, "signatures.json", "--key-id", "0" * 16).returncode == 1


def test_a_signature_left_out_or_another_file_is_noticed(exported, tmp_path):
    save(tmp_path, {**exported, "signatures": exported["signatures"][:1]})
    assert run(tmp_path, "signatures.json", "--public-key", "key.pem").returncode == 1
    (tmp_path / "no.json").write_text("[]")
    assert run(tmp_path, "no.json").returncode == 2

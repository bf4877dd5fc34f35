"""The installation's key: made once, kept private, verifiable with the public half."""

import stat

import pytest
from cryptography.hazmat.primitives import serialization

from core import sealing


@pytest.fixture
def key_file(tmp_path, settings):
    settings.JOURNAL_KEY = ""
    settings.JOURNAL_KEY_FILE = tmp_path / "secrets" / "key.pem"
    return settings.JOURNAL_KEY_FILE


def test_the_key_is_made_once_and_only_its_owner_reads_it(key_file):
    first = sealing.key_id()
    sealing._load.cache_clear()

    assert sealing.key_id() == first
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["key.pem"]


def test_a_seal_holds_for_its_text_alone(key_file):
    seal = sealing.seal("head 7")

    assert sealing.holds("head 7", seal)
    assert not sealing.holds("head 8", seal)
    assert not sealing.holds("head 7", "00" * 64)
    assert not sealing.holds("head 7", "not hexadecimal")


def test_an_outsider_verifies_with_the_public_key(key_file):
    public = serialization.load_pem_public_key(sealing.public_key_pem().encode())

    public.verify(bytes.fromhex(sealing.seal("head 7")), b"head 7")


def test_a_key_from_the_environment_goes_before_the_file(key_file, settings):
    sealing.key_id()
    settings.JOURNAL_KEY = key_file.read_text()
    key_file.unlink()

    assert sealing.holds("x", sealing.seal("x"))
    assert not key_file.exists()

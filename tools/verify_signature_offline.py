#!/usr/bin/env python3
"""Verifies the exported signatures of an IMS2 approval without IMS2: Python and the package `cryptography` are enough.

    python3 verify_signature_offline.py signatures.json --public-key key.pem
    python3 verify_signature_offline.py signatures.json --key-id 0123456789abcdef --journal journal.jsonl

Computed anew: the digest of the frozen content, the hash of every signature over its record, the hash of the journal's
entry that names it, the seal over the chain's end and the seal over the whole file. With --journal each entry is also
looked up in an exported journal of the organization (which verify_journal_offline.py follows from its first entry to its
sealed end). The key in the file proves nothing by itself: give the key, or its number, that you got another way.

Ends with 0 when all of it holds, with 1 and the first thing that does not, and with 2 for a file that is no export.
What is computed, and how, stands in docs/signatures.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import unicodedata
from pathlib import Path

KIND, VERSION = "ims2-signatures", 1


class NoExport(Exception):
    """The file is not what an export looks like."""


class Broken(Exception):
    """The first thing that does not hold."""


def normalized(value):
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {normalized(key): normalized(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalized(item) for item in value]
    if isinstance(value, float):
        raise Broken("a number with a fraction stands where none is ever written")
    return value


def digest(value) -> str:
    """SHA-256 over UTF-8 JSON with sorted keys and no white space."""
    text = json.dumps(normalized(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def key_and_number(pem: str):
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_public_key(pem.encode())
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return key, hashlib.sha256(raw).hexdigest()[:16]


def sealed(key, text: str, seal: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(bytes.fromhex(seal), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def journal_of(path: str) -> dict[int, str]:
    """Number and hash of every entry of an exported journal."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()[1:]
    return {entry["seq"]: entry["hash"] for entry in map(json.loads, lines)}


def verify(path: str, *, key_id: str = "", public_key: str = "", journal: str = "") -> str:
    """The sentence that says what held. Raises Broken or NoExport."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise NoExport(f"it is not JSON ({error})") from None
    if not isinstance(found, dict) or found.get("kind") != KIND or found.get("version") != VERSION:
        raise NoExport("it does not say that it holds IMS2 signatures, version 1")
    content = found["content"]
    halves = {"document": sha256(content["document"]), "snapshot": sha256(content["snapshot"])}
    if digest(halves) != content["digest"]:
        raise Broken("content: it does not give its digest")
    entries = {entry["target_id"]: entry for entry in found["journal"]["entries"]}
    known = journal_of(journal) if journal else None
    for signature in found["signatures"]:
        _signature(signature, found, entries.get(signature["id"]), known)
    pem = Path(public_key).read_text(encoding="utf-8") if public_key else found["public_key"]
    key, number = key_and_number(pem)
    if key_id and number != key_id.lower():
        raise Broken(f"seal: the key is {number}, not {key_id}")
    head = found["journal"]["head"]
    if head and not sealed(
        key, f"ims2-journal:{found['organization']['id']}:{head['seq']}:{head['hash']}", head["seal"]
    ):
        raise Broken("journal: the seal over its end was not made with this key")
    if any(entry["seq"] > head["seq"] for entry in entries.values()):
        raise Broken("journal: an entry lies behind its sealed end")
    body = {name: value for name, value in found.items() if name != "seal"}
    if not sealed(key, f"{KIND}:{digest(body)}", found["seal"]):
        raise Broken("file: the seal over it was not made with this key, or something in it was changed")
    said = (
        "" if key_id or public_key else " (taken from the file itself: compare it with one you were given another way)"
    )
    count = len(found["signatures"])
    return (
        f"The signatures hold: {count} under {found['approval']['number']} “{found['approval']['title']}”, "
        f"content {content['digest'][:16]}, sealed by key {number}{said}."
    )


def _signature(signature: dict, found: dict, entry: dict | None, known: dict[int, str] | None) -> None:
    record, name = signature["record"], f"signature {signature['id']} of {signature['record']['signer_name']}"
    if digest(record) != signature["record_hash"]:
        raise Broken(f"{name}: its record does not give its hash")
    if record["digest"] != found["content"]["digest"] or record["approval"] != found["approval"]["id"]:
        raise Broken(f"{name}: it was made over another content")
    if entry is None:
        raise Broken(f"{name}: the journal has no entry of it")
    told = {key: value for key, value in entry.items() if key != "hash"}
    if digest(told) != entry["hash"]:
        raise Broken(f"{name}: the journal's entry {entry['seq']} does not give its hash")
    if entry["changes"].get("signature") != signature["record_hash"] or entry["action"] != "approval.signed":
        raise Broken(f"{name}: the journal's entry {entry['seq']} names another signature")
    if known is not None and known.get(entry["seq"]) != entry["hash"]:
        raise Broken(f"{name}: the given journal knows another entry {entry['seq']}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verifies exported IMS2 signatures without IMS2.")
    parser.add_argument("file")
    parser.add_argument("--key-id", default="", help="the number of the key that must have sealed it")
    parser.add_argument("--public-key", default="", help="a PEM file with the key to check against")
    parser.add_argument("--journal", default="", help="an exported journal in which the entries must stand")
    given = parser.parse_args(arguments)
    try:
        print(verify(given.file, key_id=given.key_id, public_key=given.public_key, journal=given.journal))
    except Broken as fault:
        print(f"The signatures do not hold. {str(fault)[:1].upper()}{str(fault)[1:]}.", file=sys.stderr)
        return 1
    except (NoExport, OSError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as fault:
        print(f"These are no exported signatures: {fault}.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

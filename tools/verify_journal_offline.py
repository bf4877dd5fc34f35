#!/usr/bin/env python3
"""Verifies an exported IMS2 journal without IMS2: Python's standard library and the package `cryptography` are enough.

    python3 verify_journal_offline.py journal.jsonl
    python3 verify_journal_offline.py journal.jsonl --key-id 0123456789abcdef --public-key key.pem --anchors anchors.jsonl

Every entry's SHA-256 is computed anew from its content, the order is followed from the first entry to the last, and the
seal over the end is checked with the public key in the file. That key proves nothing by itself: compare its number with
one that you were given another way (--key-id), or give the key (--public-key).

Ends with 0 when all of it holds, with 1 and the first entry that does not, and with 2 for a file that is no journal.
What is computed, and how, stands in docs/journal.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import unicodedata
from pathlib import Path

GENESIS = "0" * 64
TOLD = {
    "action", "actor", "actor_kind", "actor_name", "at", "changes", "hash", "organization", "previous_hash", "project",
    "reason", "seq", "target_id", "target_kind", "target_label",
}  # fmt: skip
UNTOLD = {"seq", "previous_hash", "hash"}


class NoJournal(Exception):
    """The file is not what an export looks like."""


class Broken(Exception):
    """The first thing that does not hold."""


def normalized(value):
    """Every text in Unicode form NFC; numbers, booleans and null as they are. A float has no single text."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {normalized(key): normalized(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalized(item) for item in value]
    if isinstance(value, float):
        raise Broken("a number with a fraction stands where the journal never writes one")
    return value


def canonical(value) -> bytes:
    """UTF-8 JSON with sorted keys and no white space."""
    return json.dumps(normalized(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sealed_text(organization: int, seq: int, last_hash: str) -> bytes:
    return f"ims2-journal:{organization}:{seq}:{last_hash}".encode()


def key_and_number(pem: str):
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_public_key(pem.encode())
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return key, hashlib.sha256(raw).hexdigest()[:16]


def holds(key, text: bytes, seal: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(bytes.fromhex(seal), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def read(line: str, at: int) -> dict:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise NoJournal(f"line {at} is not JSON ({error})") from None
    if not isinstance(found, dict):
        raise NoJournal(f"line {at} is not an object")
    return found


def header_of(lines) -> dict:
    header = read(next(lines, ""), 1) if lines else {}
    if header.get("kind") != "ims2-journal" or header.get("version") != 1:
        raise NoJournal("the first line does not say that this is an IMS2 journal, version 1")
    return header


def anchors_of(path: str, organization: int) -> dict[int, str]:
    """Sequence number and hash of each anchor of this organization, oldest first."""
    found = {}
    for at, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and read(line, at).get("organization") == organization:
            anchor = read(line, at)
            found[int(anchor["seq"])] = str(anchor["hash"])
    return found


def verify(path: str, *, key_id: str = "", public_key: str = "", anchors: str = "") -> str:
    """The sentence that says what held. Raises Broken or NoJournal."""
    with open(path, encoding="utf-8") as file:
        lines = iter(file)
        header = header_of(lines)
        organization = header["organization"]
        wanted = anchors_of(anchors, organization) if anchors else {}
        expected, previous, told = 1, GENESIS, 0
        for at, line in enumerate(lines, 2):
            entry = read(line, at)
            if set(entry) not in (TOLD, UNTOLD):
                raise NoJournal(f"line {at} is no entry")
            seq, said = entry["seq"], entry.pop("hash")
            if seq != expected:
                raise Broken(f"entry {expected}: missing; the next one is {seq}")
            if len(entry) > 2:
                told += 1
                if entry["organization"] != organization:
                    raise Broken(f"entry {seq}: it belongs to another organization")
                if hashlib.sha256(canonical(entry)).hexdigest() != said:
                    raise Broken(f"entry {seq}: content changed; it does not give its hash")
            if entry["previous_hash"] != previous:
                raise Broken(f"entry {seq}: order; it does not follow the entry before it")
            if seq in wanted and wanted[seq] != said:
                raise Broken(f"entry {seq}: an anchor of that day names another hash: the chain was rewritten")
            expected, previous = seq + 1, said
    count, head = expected - 1, header["head"]
    if head["seq"] != count:
        raise Broken(f"entry {count + 1}: tail cut; the sealed end says {head['seq']} entries, {count} are here")
    if head["hash"] != previous:
        raise Broken(f"entry {count}: head seal; the sealed end names another hash")
    if wanted and max(wanted) > count:
        raise Broken(f"entry {count}: rolled back; an anchor knows {max(wanted)} entries")
    if count:
        pem = Path(public_key).read_text(encoding="utf-8") if public_key else header["public_key"]
        key, number = key_and_number(pem)
        if key_id and number != key_id.lower():
            raise Broken(f"head seal: the key is {number}, not {key_id}")
        if not holds(key, sealed_text(organization, count, previous), head["seal"]):
            raise Broken(f"entry {count}: head seal; the seal was not made with key {number}")
        sealed_by = f", sealed by key {number}"
        if not (key_id or public_key):
            sealed_by += " (taken from the file itself: compare it with one you were given another way)"
    else:
        sealed_by = ""
    rest = f", {told} of them told and recomputed" if told != count else ", all recomputed"
    return f"The chain holds: {count} entries{rest}, end {previous[:16]}{sealed_by}."


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verifies an exported IMS2 journal without IMS2.")
    parser.add_argument("file")
    parser.add_argument("--key-id", default="", help="the number of the key that must have sealed it")
    parser.add_argument("--public-key", default="", help="a PEM file with the key to check against")
    parser.add_argument("--anchors", default="", help="a file of anchors, as written every night")
    given = parser.parse_args(arguments)
    try:
        print(verify(given.file, key_id=given.key_id, public_key=given.public_key, anchors=given.anchors))
    except Broken as fault:
        print(f"The chain does not hold. {str(fault)[:1].upper()}{str(fault)[1:]}.", file=sys.stderr)
        return 1
    except (NoJournal, OSError, KeyError, TypeError, UnicodeDecodeError) as fault:
        print(f"This is no exported journal: {fault}.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

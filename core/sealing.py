"""The installation's Ed25519 key: seals what must be recognised years later by anybody with the public key alone.

The key comes from the setting JOURNAL_KEY (PEM text) or from the file JOURNAL_KEY_FILE, which is made on first use.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


@lru_cache(maxsize=4)
def _load(pem: str, path: str) -> Ed25519PrivateKey:
    if pem:
        return serialization.load_pem_private_key(pem.encode(), None)
    file = Path(path)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # A complete file appears at once under its name, or another process's file stands there already.
        draft = file.with_suffix(f".{os.getpid()}.new")
        draft.touch(mode=0o600)
        draft.write_bytes(fresh)
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return serialization.load_pem_private_key(file.read_bytes(), None)


def _key() -> Ed25519PrivateKey:
    return _load(getattr(settings, "JOURNAL_KEY", ""), str(settings.JOURNAL_KEY_FILE))


def public_key_pem() -> str:
    return (
        _key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def key_id() -> str:
    """Sixteen hexadecimal digits that name the key: the start of the SHA-256 of its raw public half."""
    raw = _key().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def seal(text: str) -> str:
    """The signature over `text`, 128 hexadecimal digits."""
    return _key().sign(text.encode()).hex()


def holds(text: str, signature: str) -> bool:
    """Whether `signature` was made over `text` with this installation's key."""
    public: Ed25519PublicKey = _key().public_key()
    try:
        public.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True

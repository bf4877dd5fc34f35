"""The seal in a PDF (PAdES): any reader of PDFs shows that not a byte was changed since this installation made it.

The key comes from PDF_SEAL_FILE (PKCS#12, with PDF_SEAL_PASSPHRASE): a certificate that readers trust. Without it the
installation makes a key and a certificate of its own on first use; then readers say "unknown issuer", and the page
/verify/ is what tells people that the document is genuine.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

YEARS = 20


def _own_file() -> Path:
    """The installation's own certificate; a complete file appears at once, or another process's stands there already."""
    file = Path(settings.PDF_SEAL_OWN_FILE)
    if file.exists():
        return file
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "IMS2"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"IMS2 {settings.BASE_HOST or 'localhost'}"[:64]),
        ]
    )
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5)).not_valid_after(now + dt.timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
            ), critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    packed = pkcs12.serialize_key_and_certificates(b"ims2", key, certificate, None, serialization.NoEncryption())
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{secrets.token_hex(4)}.new")
    draft.touch(mode=0o600)
    draft.write_bytes(packed)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return file


@lru_cache(maxsize=2)
def _signer(path: str, passphrase: str) -> Any:
    from pyhanko.sign import signers  # loads a tenth of a second of modules that only the worker needs

    found = signers.SimpleSigner.load_pkcs12(path, passphrase=passphrase.encode() if passphrase else None)
    if found is None:
        raise ValueError(f"The key in {path} cannot be read: check PDF_SEAL_FILE and PDF_SEAL_PASSPHRASE.")
    return found


def sealed(pdf: bytes, *, reason: str) -> bytes:
    """The same PDF with an invisible seal of this installation over all of it; `reason` is shown by readers."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    path = settings.PDF_SEAL_FILE or str(_own_file())
    what = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason=reason,
        location=settings.BASE_URL, certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )  # fmt: skip
    signer = signers.PdfSigner(what, signer=_signer(path, settings.PDF_SEAL_PASSPHRASE))
    # pyHanko starts an event loop to sign, and a thread can run only one: in a thread of its own it works under any caller
    with ThreadPoolExecutor(max_workers=1) as own:
        return own.submit(signer.sign_pdf, IncrementalPdfFileWriter(io.BytesIO(pdf))).result().getvalue()

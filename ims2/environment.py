"""Reads settings from the environment; a value that cannot be used is one sentence that names the variable."""

from __future__ import annotations

import warnings
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Environment:
    """Typed reading of environment variables; an empty variable counts as one that is not set."""

    def __init__(self, source: Any = None) -> None:
        self.env = environ.Env()
        if source is not None:
            self.env.ENVIRON = source

    def text(self, name: str, default: str = "") -> str:
        return self.env.ENVIRON.get(name, "").strip() or default

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name).lower()
        if value and value not in YES + NO:
            raise ImproperlyConfigured(f"{name} must be one of true, false, 1, 0, yes, no, on, off; it is {value!r}.")
        return value in YES if value else default

    def number(self, name: str, default: int, at_least: int = 0) -> int:
        value = self.text(name)
        try:
            number = int(value) if value else default
        except ValueError:
            number = at_least - 1
        if number < at_least:
            raise ImproperlyConfigured(f"{name} must be a whole number of at least {at_least}; it is {value!r}.")
        return number

    def choice(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """One of `choices`; when nothing is set `default` or else the first."""
        value = self.text(name, default or choices[0])
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}; it is {value!r}.")
        return value

    def words(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A list separated by commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()] or list(default)

    def networks(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """Addresses and networks such as 127.0.0.1 or 10.0.0.0/8; "unix" stands for a local socket."""
        found = self.words(name, default)
        for word in found:
            try:
                word == "unix" or ip_network(word, strict=False)
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name} must list addresses or networks such as 10.0.0.0/8; {word!r} is none."
                ) from None
        return found

    def address(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        scheme, _, rest = value.partition("://")
        if scheme not in ("http", "https") or not rest or "/" in rest or " " in rest:
            raise ImproperlyConfigured(
                f"{name} must be http:// or https:// with a host and nothing behind it; it is {value!r}."
            )
        return value

    def database(self, name: str) -> dict[str, Any] | None:
        """Django's description of the database at an address such as postgres://user:password@host:5432/name."""
        if not self.text(name):
            return None
        return self._parsed(name, self.env.db, "postgres://user:password@host:5432/name")

    def mail(self, name: str) -> dict[str, Any] | None:
        if not self.text(name):
            return None
        return self._parsed(name, self.env.email_url, "smtp+tls://user:password@host:587")

    def redis(self, name: str) -> str:
        value = self.text(name)
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0; its value is not shown here.")
        return value

    def storage(self, name: str) -> dict[str, Any] | None:
        """Django's description of an S3 store at s3://key:secret@host/bucket/folder?region=…; `s3+http` without TLS.

        Without a host it is Amazon's, without a key what the machine is given (its role, its environment).
        """
        if not (value := self.text(name)):
            return None
        try:
            parts = urlsplit(value)
            bucket, _slash, folder = parts.path.strip("/").partition("/")
            asked = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
            port = f":{parts.port}" if parts.port else ""
            is_sound = (
                parts.scheme in ("s3", "s3+http") and bucket and not asked.keys() - {"region"} and not parts.fragment
            )
        except ValueError:
            is_sound = False
        if not is_sound or bool(parts.username) != bool(parts.password):
            raise ImproperlyConfigured(
                f"{name} must look like s3://key:secret@host/bucket?region=eu-central-2; its value is not shown here."
            ) from None
        options = {
            "bucket_name": bucket,
            "location": folder,
            "access_key": unquote(parts.username or "") or None,
            "secret_key": unquote(parts.password or "") or None,
            "region_name": asked.get("region"),
            "file_overwrite": True,  # the name is the content's address: the same name is the same content
        }
        if parts.hostname:
            scheme = "http" if parts.scheme == "s3+http" else "https"
            options |= {"endpoint_url": f"{scheme}://{parts.hostname}{port}", "addressing_style": "path"}
        return {"BACKEND": "core.object_store.ObjectStore", "OPTIONS": options}

    def _parsed(self, name: str, reader: Any, example: str) -> dict[str, Any]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they repeat the address, and with it a password
                found = reader(name)
        except Exception:  # the parser raises whatever its parts raise, and its message may repeat a password
            found = {}
        if not (found.get("ENGINE") or found.get("EMAIL_BACKEND")):
            raise ImproperlyConfigured(f"{name} must look like {example}; its value is not shown here.") from None
        return found


def must_hold_in_production(faults: list[tuple[bool, str]]) -> None:
    """Refuses to start with every sentence whose condition is true."""
    sentences = [sentence for is_fault, sentence in faults if is_fault]
    if sentences:
        raise ImproperlyConfigured("Refused in production. " + " ".join(sentences))

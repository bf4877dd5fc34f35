"""Where a request comes from: its network address and the device in words people use."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _


def address_of(request: HttpRequest) -> str:
    """The address of the person's machine.

    A header that anybody can send is believed only from the proxies named in TRUSTED_PROXIES (addresses, networks, or
    "unix" for a proxy on a local socket): then it is the last entry of X-Forwarded-For that is no proxy of ours.
    """
    nearest = request.META.get("REMOTE_ADDR", "")
    if not _is_trusted(nearest):
        return _clean(nearest) or "0.0.0.0"  # noqa: S104  a placeholder in the log, nothing listens on it
    for entry in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _clean(entry)
        if not address:
            break
        if not _is_trusted(address):
            return address
    return _clean(nearest) or "0.0.0.0"  # noqa: S104


def _is_trusted(address: str) -> bool:
    trusted = getattr(settings, "TRUSTED_PROXIES", ())
    clean = _clean(address)
    if not clean:
        return "unix" in trusted and not address.strip()
    return any(ip_address(clean) in ip_network(known, strict=False) for known in trusted if known != "unix")


def _clean(address: str) -> str:
    try:
        return str(ip_address(address.strip()))
    except ValueError:
        return ""


_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS|HeadlessChrome)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\S+ )?Safari"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def device_of(user_agent: str) -> str:
    """ "Firefox 140 on Windows": what somebody recognises as their own device in the list of sessions."""
    browser = next(
        (f"{name} {found.group(1)}" for name, shape in _BROWSERS if (found := re.search(shape, user_agent))), ""
    )
    system = next((name for name, shape in _SYSTEMS if re.search(shape, user_agent)), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def is_phone(user_agent: str) -> bool:
    return bool(re.search(r"iPhone|Android.*Mobile", user_agent))

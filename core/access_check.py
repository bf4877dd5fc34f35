"""Every address says who may open it, or the installation does not start.

A view declares one of four things: `needs` (a permission in the scope of the address), `public` (anybody, with the
reason), `signed_in` (any person signed in, with the reason: it shows only their own or published data) or `operators`
(who runs the installation, with the reason: it shows no words of a tenant).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import lru_cache, wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.checks import Error, register
from django.core.signals import setting_changed
from django.http import Http404
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, get_script_prefix, resolve


def public(reason: str) -> Callable:
    """Opens a function view to anybody; `reason` says why that is right."""

    def mark(view: Callable) -> Callable:
        view.public = reason
        return view

    return mark


def signed_in(reason: str) -> Callable:
    """Opens a function view to every person signed in; `reason` says why no further permission is needed."""

    def mark(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            return view(request, *args, **kwargs)

        guarded.signed_in = reason
        return guarded

    return mark


def operators_only(reason: str) -> Callable:
    """Opens a function view to whoever runs the installation; for everybody else it does not exist."""

    def mark(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.is_staff:
                raise Http404
            return view(request, *args, **kwargs)

        guarded.operators = reason
        return guarded

    return mark


class SignedInMixin:
    """The same for a class-based view: set `signed_in = "reason"`."""

    signed_in = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)


class Address(NamedTuple):
    """One address of the URLconf: its dotted name, its pattern and what its view declares."""

    name: str
    pattern: str
    view: Any
    declares: str  # "needs", "public", "signed_in", "operators" or "" when undeclared
    what: str  # the permission or the reason


def declaration_of(view: Any, name: str = "") -> tuple[str, str]:
    holder = getattr(view, "view_class", view)
    for kind in ("needs", "public", "signed_in", "operators"):
        said = getattr(holder, kind, None) or getattr(view, kind, None)
        if said:
            return kind, str(said)
    return declared_by_table().get(name, ("", ""))


def declared_by_table() -> dict[str, tuple[str, str]]:
    """Addresses of libraries, declared by name in the module that the setting ACCESS_TABLES names."""
    from django.utils.module_loading import import_string

    table: dict[str, tuple[str, str]] = {}
    for dotted in getattr(settings, "ACCESS_TABLES", []):
        table.update(import_string(dotted))
    return table


def addresses(resolver: URLResolver | None = None, prefix: str = "", spaces: str = "") -> Iterator[Address]:
    """Walks the whole URLconf, included ones too."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{spaces}{entry.namespace}:" if entry.namespace else spaces
            yield from addresses(entry, pattern, inner)
        elif isinstance(entry, URLPattern):
            name = f"{spaces}{entry.name}" if entry.name else pattern
            kind, what = declaration_of(entry.callback, name)
            yield Address(name, pattern, entry.callback, kind, what)


def opens(url: str, held: Container[str]) -> bool:
    """Whether who holds these permissions in a scope may open an address inside it, as the view of that address declares.

    So a link that an app hangs into a page of everybody's leads nobody to a refusal, and no app says twice what a page needs.
    """
    needs = _needs_of(url.partition("#")[0].partition("?")[0])
    return not needs or any(one in held for one in needs)


@lru_cache(maxsize=4096)
def _needs_of(path: str) -> tuple[str, ...]:
    """One of these permissions is enough; none where the address asks for none, or is no address of ours."""
    prefix = get_script_prefix()
    if not path.startswith(prefix):
        return ()
    try:
        view = resolve(f"/{path.removeprefix(prefix)}").func
    except Resolver404:
        return ()
    needs = getattr(getattr(view, "view_class", view), "needs", None) or getattr(view, "needs", None) or ()
    return tuple(needs) if isinstance(needs, tuple | list | set | frozenset) else (needs,)


@setting_changed.connect
def _forget_needs(*, setting: str, **kwargs: Any) -> None:
    if setting == "ROOT_URLCONF":
        _needs_of.cache_clear()


@register()
def every_address_is_declared(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(
            f"The address {found.pattern!r} ({found.name}) does not say who may open it.",
            hint="Give its view `needs`, `public`, `signed_in` or `operators`, or list it in a table named by ACCESS_TABLES.",
            id="core.E001",
        )
        for found in addresses()
        if not found.declares
    ]

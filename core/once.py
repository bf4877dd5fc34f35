"""A form posted twice does its work once: a key drawn with the form is used up in the transaction of the change.

    class CommentForm(OnceForm): ...

    address = once.carry_out(form.key, person=request.user, change=lambda: services.comment(...), address=url_of)

The second POST (a double click, a reload, a retry after a lost connection) gets the address of what the first one made.
If the change fails, the key is free again. (issue: a form posted twice)
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils import timezone

from .forms import RuleForm
from .models import FormKey

KEPT = dt.timedelta(days=7)


def new_key() -> str:
    return secrets.token_urlsafe(18)


class OnceForm(RuleForm):
    """A form that carries a one-time key in a hidden field; a missing or strange key only means no protection."""

    once = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("once", new_key())

    def clean_once(self) -> str:
        key = self.cleaned_data["once"]
        return key if len(key) <= 40 and key.isascii() else ""


def carry_out(key: str, *, person: Any, change: Callable[[], Any], address: Callable[[Any], str]) -> str:
    """Makes the change unless this person's `key` was used before; returns where to go either way."""
    if not key:
        return address(change())
    own = f"{person.pk}:{key}"
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = FormKey.objects.create(key=own)
        except IntegrityError:
            return FormKey.objects.get(key=own).address
        where = address(change())
        FormKey.objects.filter(pk=row.pk).update(address=where[:500])
    return where


def address_of(key: str, *, person: Any) -> str:
    """Where the form with this key led, if this person's was carried out already; "" if not."""
    found = FormKey.objects.filter(key=f"{person.pk}:{key}").values_list("address", flat=True).first() if key else ""
    return found or ""


def forget_old() -> int:
    """Drops keys older than a week; the nightly job calls it."""
    return FormKey.objects.filter(used_at__lt=timezone.now() - KEPT).delete()[0]

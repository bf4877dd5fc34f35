"""Saved views: kept, renamed, deleted. They belong to a person and no record, so the journal says nothing of them."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.rules import RuleBroken
from portal.models import SavedView

MOST = 20


def save(*, person: Any, name: str, query: str, is_default: bool = False) -> SavedView:
    """Keeps a view under a new name. Raises RuleBroken for a name in use and for more than MOST."""
    if SavedView.objects.filter(person=person).count() >= MOST:
        raise RuleBroken(_("You have %(n)s views already. Delete one that you no longer use first.") % {"n": MOST})
    return _write(SavedView(person=person, query=query), name, is_default)


def change(*, view: SavedView, name: str, is_default: bool) -> SavedView:
    """Gives a view another name, or makes it the one that the portfolio opens with."""
    return _write(view, name, is_default)


def delete(*, view: SavedView) -> None:
    view.delete()


def _write(view: SavedView, name: str, is_default: bool) -> SavedView:
    try:
        with transaction.atomic():
            if is_default:
                SavedView.objects.filter(person=view.person_id, is_default=True).exclude(pk=view.pk).update(
                    is_default=False
                )
            view.name, view.is_default = name, is_default
            view.save()
    except IntegrityError as twice:
        raise RuleBroken(
            _("You have a view called “%(name)s” already. Choose another name.") % {"name": name}
        ) from twice
    return view

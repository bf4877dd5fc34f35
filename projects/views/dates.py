"""A form of dates of the plan: what the new days move is shown first, then they are saved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from projects.services import schedule

from .base import SeeOther, shown
from .seen import Shown, see_first


class DatesForms:
    """For a page that has `page(status, **context)`; says whose dates, how they are tried out and how they are saved."""

    record: Any
    """What is dated: it has a version."""
    back: str
    saved: str

    def bound(self, request: HttpRequest) -> Any:
        """The form with what was posted."""
        raise NotImplementedError

    def change(self, values: dict[str, Any]) -> schedule.Change:
        """The change as the schedule tries it out."""
        raise NotImplementedError

    def save(self, **values: Any) -> Any:
        """Saves `values` for the reader of `version`, with a `reason`."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.bound(request)
        if not form.is_valid():
            return self.page(422, form=form)
        cleaned = form.cleaned_data

        def save() -> Any:
            if cleaned["version"] == self.record.version:
                change = self.change(form.values)
                see_first(cleaned["seen"], lambda: schedule.what_if(self.project, change))
            return self.save(version=cleaned["version"], values=form.values, reason=cleaned["reason"])

        try:
            saved = form.carry_out(save)
        except Shown as first:
            form.data = form.data.copy()
            form.data["seen"] = first.told.token
            return self.page(form=form, told=first.told)
        if not saved:
            conflict, stale = form.differences(), form.conflict
            form.take_over()
            return self.page(422, form=form, conflict=conflict, stale=stale)
        shown(request, self.saved)
        return SeeOther(self.back)

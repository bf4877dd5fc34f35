"""What the query string of the heat map may say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm
from risks.models import Risk
from risks.pictures import MOST_ARROWS
from risks.profiles import Discipline
from risks.selectors.register import ME, NOBODY

ANY = gettext_lazy("Any")
GAIN = "opportunities"


class HeatFilter(FilterForm):
    """Discipline, owner and category, by the names that the register uses; what makes no sense is left aside."""

    discipline = forms.ChoiceField(required=False, label=gettext_lazy("Discipline"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    category = forms.ChoiceField(required=False, label=gettext_lazy("Category"))

    def __init__(self, data: Any, *, people: dict[int, Any], categories: Iterable[str]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.is_gain = data.get("show") == GAIN
        disciplines = [choice for choice in Discipline.choices if choice[0] != Discipline.OPPORTUNITY]
        choices: dict[str, list[Any]] = {
            "discipline": [("", ANY), *disciplines],
            "owner": [
                ("", ANY), (ME, _("Me")), (NOBODY, _("Nobody yet")),
                *((str(pk), person.name or person.email) for pk, person in people.items()),
            ],
            "category": [("", ANY), *((one, one) for one in categories)],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options
        if self.is_gain:
            del self.fields["discipline"]

    @property
    def numbers(self) -> list[int]:
        """The risks for the map of movement, one named by its number before those ticked; at most as many as it shows."""
        texts = [*self.data.getlist("also"), *self.data.getlist("risk")]
        found = [number for text in texts[:100] if (number := Risk.number_of(text[:20])) is not None]
        return list(dict.fromkeys(found))[:MOST_ARROWS]

"""Choosing, item by item, what becomes of a newer edition of the method."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.forms import RuleForm
from projects.services.edition import CHOICES, EXCLUDE, KEEP, TAKE, TAKE_ALL
from projects.tailoring.edition import CHANGED, GONE, NEW, Item

LABELS = {
    (NEW, TAKE): gettext_lazy("Add it"),
    (NEW, KEEP): gettext_lazy("Do without"),
    (CHANGED, TAKE): gettext_lazy("Take over, keep our tailoring"),
    (CHANGED, TAKE_ALL): gettext_lazy("Take over everything"),
    (CHANGED, KEEP): gettext_lazy("Keep as it is"),
    (GONE, KEEP): gettext_lazy("Keep it as our own"),
    (GONE, EXCLUDE): gettext_lazy("Exclude it"),
}


class EditionForm(RuleForm):
    edition = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    justification = forms.CharField(
        label=gettext_lazy("Justification"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands beside each decision that this brings about."),
    )  # fmt: skip

    def __init__(self, *args: Any, items: list[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for item in items:
            self.fields[item.key] = forms.ChoiceField(
                label=f"{item.number} {item.title}",
                choices=[(name, LABELS[item.kind, name]) for name in CHOICES[item.kind]],
                initial=CHOICES[item.kind][0],
                required=False,
            )

    def rows(self) -> list[tuple[Item, Any]]:
        """Each item with its field, for the page."""
        return [(item, self[item.key]) for item in self.items]

    @property
    def choices(self) -> dict[str, str]:
        return {item.key: self.cleaned_data.get(item.key, "") for item in self.items}

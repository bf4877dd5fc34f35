"""Which statement is printed, and which edition of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from risks.selectors import soa as selectors

from .parameters import ParametersForm


class SoaForm(ParametersForm):
    soa = forms.ChoiceField(label=gettext_lazy("Statement"), required=False)
    edition = forms.ChoiceField(
        label=gettext_lazy("Edition"), required=False,
        help_text=gettext_lazy("The working copy is marked as a draft unless it is word for word the edition in force."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        soas = selectors.of(self.project) if self.project is not None else []
        self.fields["soa"].choices = [(soa.slug, soa.name) for soa in soas] or [("", "–")]
        numbers = sorted(
            {n for soa in soas for n in selectors.editions(soa).values_list("edition", flat=True)}, reverse=True
        )
        self.fields["edition"].choices = [
            ("", _("Working copy")), *((str(n), _("Edition %(n)s") % {"n": n}) for n in numbers),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        soa = selectors.one(self.project, cleaned.get("soa") or "") if self.project is not None else None
        wanted = cleaned.get("edition")
        if soa is not None and wanted and selectors.edition(soa, int(wanted)) is None:
            self.add_error("edition", _("%(name)s has no edition %(n)s.") % {"name": soa.name, "n": wanted})
        return cleaned

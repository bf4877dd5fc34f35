"""The decision at the end of a retention time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import VersionedForm
from documents.models import Disposal, Document, Outcome
from projects.forms.task_fields import DayField

PRESET = {Disposal.DESTROY: Outcome.DESTROYED, Disposal.ARCHIVE: Outcome.ARCHIVED}


class DisposeForm(VersionedForm):
    outcome = forms.ChoiceField(
        label=_("What becomes of it"), widget=forms.RadioSelect,
        choices=[
            (Outcome.DESTROYED, _("Destroy it: the files are taken out of the storage, their names and SHA-256 stay as proof")),
            (Outcome.ARCHIVED, _("It is handed over to an archive")),
            (Outcome.EXTENDED, _("Keep it longer")),
        ],
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the decision rests on: the rule, the law, who was asked."),
    )  # fmt: skip
    place = forms.CharField(
        label=_("Where it is kept now"),
        required=False,
        max_length=300,
        help_text=_("For an archive: so that somebody finds it."),
    )
    keep_until = DayField(label=_("Keep until"), required=False, help_text=_("Only when it is kept longer."))

    def __init__(self, data: Any = None, *, document: Document, **kwargs: Any) -> None:
        initial = {"version": document.version, "outcome": PRESET.get(document.disposal)}
        super().__init__(data, initial=initial, **kwargs)

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes; what belongs to another decision is left aside."""
        said = self.cleaned_data
        return {
            "version": said["version"], "outcome": said["outcome"], "reason": said["reason"],
            "place": said["place"] if said["outcome"] == Outcome.ARCHIVED else "",
            "keep_until": said["keep_until"] if said["outcome"] == Outcome.EXTENDED else None,
        }  # fmt: skip

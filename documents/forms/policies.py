"""Forms of drafting: a new document from a model, filling again, and the sentence that answers a commitment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import RuleForm, VersionedForm
from core.once import OnceForm
from documents import starters
from documents.models.commitment import LONGEST_SENTENCE

PASTE = "paste"


class LanguageForm(forms.Form):
    """The language of the models; anything strange in the address counts as none."""

    language = forms.ChoiceField(choices=[(code, code) for code in starters.LANGUAGES], required=False)

    def chosen(self, preset: str) -> str:
        return (self.cleaned_data.get("language") if self.is_valid() else "") or preset


class DraftForm(OnceForm):
    """A document from a model. The owner is asked only of who may give a document to somebody else."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)

    def __init__(self, *args: Any, people: dict[int, Any], may_manage: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["title"].widget.attrs["maxlength"] = 200
        if may_manage:
            self.fields["owner"].choices = [
                ("", _("Nobody yet")), *((str(pk), person.name or person.email) for pk, person in people.items()),
            ]  # fmt: skip
        else:
            del self.fields["owner"]

    def clean_owner(self) -> Any:
        chosen = self.cleaned_data["owner"]
        return self.people[int(chosen)] if chosen else None


class BeginForm(OnceForm):
    """A model as the text of a document that exists."""


class FillForm(VersionedForm):
    """Which draft the person saw when they had it filled again."""


class TickForm(VersionedForm):
    """The sentence that answers a commitment: one of the text, or as it was pasted."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    choice = forms.CharField(required=False, max_length=LONGEST_SENTENCE + 1)
    pasted = forms.CharField(
        label=gettext_lazy("Another sentence of the text"), required=False, max_length=LONGEST_SENTENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Copy it from the text, word for word."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("choice") == PASTE or not cleaned.get("choice"):
            cleaned["sentence"] = cleaned.get("pasted", "")
        else:
            cleaned["sentence"] = cleaned["choice"]
        return cleaned

    @property
    def chosen(self) -> str:
        """The sentence as it stands in the form at this moment."""
        return str(self["choice"].value() or "")


class TakeBackForm(RuleForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

"""Evidence as a person hands it in: a file, a link or a citation, and why one is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import files
from core.forms import RuleForm
from core.once import OnceForm


class EvidenceForm(OnceForm):
    title = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("What it shows"),
        help_text=gettext_lazy("A few words for the auditor; left empty, the name of the file or the link."),
    )
    file = forms.FileField(required=False, label=gettext_lazy("File"), allow_empty_file=True, max_length=None)
    link = forms.CharField(
        required=False,
        max_length=1000,
        label=gettext_lazy("Or a link"),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = files.allowed_sentence()
        self.fields["file"].widget.attrs["accept"] = ",".join(f".{extension}" for extension in files.EXTENSIONS)

    def clean_link(self) -> str:
        link = self.cleaned_data["link"]
        if link:
            try:
                URLValidator(schemes=["http", "https"])(link)
            except forms.ValidationError:
                raise forms.ValidationError(
                    _("This is no web address. It has to begin with https:// or http://.")
                ) from None
        return link

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "file" in self.errors or "link" in self.errors:
            return cleaned
        if cleaned.get("file") and cleaned.get("link"):
            self.add_error("link", _("Add the file and the link one after the other, each with its own title."))
        if not cleaned.get("file") and not cleaned.get("link"):
            self.add_error("file", _("Choose a file or enter a link."))
        return cleaned


class SearchForm(RuleForm):
    """Looks for something that can be cited."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Code or words of the title"))


class CiteForm(OnceForm):
    """What a button of the found rows posts: "documents.revision:12"."""

    cited = forms.RegexField(
        r"\A[a-z_]{1,30}\.[a-z_]{1,29}:[0-9]{1,18}\Z", max_length=90,
        error_messages={
            "invalid": gettext_lazy("Choose one of the records that were found."),
            "required": gettext_lazy("Choose one of the records that were found."),
        },
    )  # fmt: skip

    def clean_cited(self) -> tuple[str, int]:
        kind, _colon, pk = self.cleaned_data["cited"].partition(":")
        return kind, int(pk)


class WithdrawForm(RuleForm):
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )

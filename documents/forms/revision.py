"""Forms of a revision: how it begins, what it says, a picture for its text, why it is given up, what is compared."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import files
from core.forms import RuleForm, VersionedForm
from documents import merging
from documents.models import Revision, Source
from documents.models.revision import LONGEST_TEXT

PICTURES = ".png,.jpg,.jpeg"
MATERIAL = (
    ("material", gettext_lazy("Material: readers confirm it again")),
    ("editorial", gettext_lazy("Editorial: spelling, layout, a changed name; nobody is asked again")),
)


class StartForm(RuleForm):
    source = forms.ChoiceField(
        label=gettext_lazy("How is the content kept?"), choices=Source.choices, required=False, widget=forms.RadioSelect
    )


class RevisionForm(VersionedForm):
    """The content of a draft and what is said about it. `mine` is the text as typed, whatever else is wrong."""

    # Of type number and hidden, not type=hidden: the draft kept in the browser then knows which version it began with,
    # and a text typed before somebody else's save is shown beside it instead of replacing it.
    version = forms.IntegerField(min_value=1, widget=forms.NumberInput(attrs={"hidden": True}))
    source = forms.ChoiceField(choices=Source.choices, widget=forms.HiddenInput)
    body = forms.CharField(
        label=gettext_lazy("Text"), required=False, max_length=LONGEST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true", "autocomplete": "off"}),
    )  # fmt: skip
    file = forms.FileField(required=False, label=gettext_lazy("File"), allow_empty_file=True, max_length=None)
    link = forms.CharField(
        required=False, max_length=1000, label=gettext_lazy("Where it is kept"),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )  # fmt: skip
    change_summary = forms.CharField(
        label=gettext_lazy("What changes"), required=False, max_length=500,
        help_text=gettext_lazy("One line for readers, approvers and the history of the document."),
    )  # fmt: skip
    is_material = forms.ChoiceField(
        label=gettext_lazy("Sort of change"), choices=MATERIAL, widget=forms.RadioSelect, required=False
    )
    planned_on = forms.DateField(
        label=gettext_lazy("Takes effect on"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: as soon as it is approved."),
    )  # fmt: skip

    def __init__(
        self, data: Any = None, uploads: Any = None, *, revision: Revision, source: str, **kwargs: Any
    ) -> None:
        self.revision, self.source = revision, source
        initial = {
            "version": revision.version, "source": source, "body": revision.body, "link": revision.link,
            "change_summary": revision.change_summary, "planned_on": revision.planned_on,
            "is_material": "material" if revision.is_material else "editorial",
        }  # fmt: skip
        super().__init__(data, uploads, initial=initial, **kwargs)
        for name, of in (("body", Source.AUTHORED), ("file", Source.FILE), ("link", Source.LINK)):
            if of != source:
                del self.fields[name]
        if "file" in self.fields:
            self.fields["file"].help_text = files.allowed_sentence()
            self.fields["file"].widget.attrs["accept"] = ",".join(f".{one}" for one in files.EXTENSIONS)
            if revision.sha256:
                self.fields["file"].label = _("Another file instead")
        self.fields["change_summary"].widget.attrs["maxlength"] = 500

    def clean_body(self) -> str:
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        if merging.has_marks(body):
            raise forms.ValidationError(
                _(
                    "Some places still hold the words of both. Decide which stay, and delete the lines with ⟦ ⟧ around them."
                )
            )
        return body

    def clean_is_material(self) -> bool:
        return self.cleaned_data["is_material"] != "editorial"

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        names = ("body", "link", "change_summary", "is_material", "planned_on")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    @property
    def mine(self) -> str:
        """The text as it stands in the form at this moment."""
        return str(self["body"].value() or "") if "body" in self.fields else ""

    @property
    def other_fields(self) -> list[dict[str, Any]]:
        """After a conflict: what differs beside the text, in words."""
        rows = [row for row in self.differences() if row["field"] not in ("body", "source")]
        said = {True: _("material"), False: _("editorial")}
        for row in rows:
            if row["field"] == "is_material":
                row["mine"], row["theirs"] = said[row["mine"]], said[row["theirs"]]
        return rows

    def carry_on_with(self, text: str) -> None:
        """Puts a text into the form and lets the next save go on top of the version the person has seen now."""
        self.take_over()
        self.data["body"] = text


class PictureForm(RuleForm):
    picture = forms.FileField(label=gettext_lazy("Picture"), allow_empty_file=True, max_length=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].widget.attrs["accept"] = PICTURES

    def add_error(self, field: str | None, error: Any) -> None:
        """What core.files says about a file is about this field."""
        super().add_error("picture" if field == "file" else field, error)


class DropForm(RuleForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )


class CompareForm(forms.Form):
    """Two revisions by their numbers; what stands in the address wrongly is as if it did not stand there."""

    def __init__(self, query: Any, *, revisions: list[Revision]) -> None:
        choices = [
            (one.number, f"{_('Revision %(n)s') % {'n': one.number}} · {one.get_status_display()}") for one in revisions
        ]
        numbers = [one.number for one in revisions]
        last = numbers[0] if numbers else 0
        known = {str(number) for number in numbers}
        after = query.get("to", "") if query.get("to", "") in known else str(last)
        earlier = [str(number) for number in numbers if number < int(after)]
        before = query.get("from", "") if query.get("from", "") in known else next(iter(earlier), after)
        super().__init__({"from": before, "to": after}, auto_id="compare_%s")
        self.fields["from"] = forms.TypedChoiceField(label=_("From"), coerce=int, choices=choices, required=False)
        self.fields["to"] = forms.TypedChoiceField(label=_("To"), coerce=int, choices=choices, required=False)

    @property
    def numbers(self) -> tuple[int, int]:
        return self.cleaned_data["from"], self.cleaned_data["to"]

"""Forms of a task's comments and checklist."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import RuleForm
from core.once import OnceForm


class CommentForm(OnceForm):
    text = forms.CharField(
        max_length=10_000,
        label=gettext_lazy("Comment"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Write @ and a full name, or choose below, to tell somebody."),
    )
    tell = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=gettext_lazy("Tell"))

    def __init__(self, *args: Any, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["tell"].choices = [
            ("", _("Nobody in particular")),
            *((pk, person.name) for pk, person in people.items() if person.name),
        ]

    def full_text(self) -> str:
        """The comment, with the person chosen below mentioned at its end."""
        text, person = self.cleaned_data["text"], self.people.get(self.cleaned_data["tell"])
        mention = f"@{person.name}" if person else ""
        return f"{text}\n{mention}" if mention and mention.casefold() not in text.casefold() else text


class ChecklistForm(RuleForm):
    text = forms.CharField(max_length=300, label=gettext_lazy("New item"))

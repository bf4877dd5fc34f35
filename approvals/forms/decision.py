"""What a decider fills in: the decision and the comment, and what shows that it is they who sign."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services import confirming
from accounts.services.confirming import Ways
from approvals.models import Decision
from core.once import OnceForm

LONGEST_COMMENT = 4_000

WORDS = {
    Decision.APPROVED: gettext_lazy("Approve"),
    Decision.RESERVED: gettext_lazy("With reservations"),
    Decision.REJECTED: gettext_lazy("Send back"),
}


class DecisionForm(OnceForm):
    """The confirmation before signing. What was typed comes back with every refusal, the password and the code never."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Your decision"), choices=list(WORDS.items()), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a decision."), "invalid_choice": gettext_lazy("Choose a decision.")},
    )  # fmt: skip
    comment = forms.CharField(
        label=gettext_lazy("Comment"), max_length=LONGEST_COMMENT, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed for reservations and for sending back. It is signed with your decision."),
    )  # fmt: skip
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    password = forms.CharField(
        label=gettext_lazy("Your password"), required=False, strip=False, max_length=4_096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    code = forms.CharField(
        label=gettext_lazy("Code of your app"), required=False, max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "data-no-draft": True}),
    )  # fmt: skip
    credential = forms.CharField(required=False, max_length=confirming.LONGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ways: Ways, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ways = ways
        if not ways.password:
            del self.fields["password"]
        if not (ways.password and ways.code):
            del self.fields["code"]
        if not self.is_bound and "password" in self.fields and self.initial.get("decision") == Decision.APPROVED:
            self.fields["password"].widget.attrs["autofocus"] = True  # nothing else is left to be typed
        if ways.passkey and "code" in self.fields:
            self.fields["code"].help_text = _("Or use your passkey instead of password and code.")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        decision, comment = values.get("decision"), values.get("comment", "").strip()
        if not comment and "comment" not in self.errors and decision in (Decision.RESERVED, Decision.REJECTED):
            self.add_error(
                "comment",
                _("Say what your reservations are.")
                if decision == Decision.RESERVED
                else _("Say why you send it back."),
            )
        return values

    def confirmed(self, request: HttpRequest) -> confirming.Confirmed | None:
        """Asks for the proof, once everything else is right; what is wrong with it lands on its field."""
        given = self.cleaned_data
        try:
            return confirming.confirm(
                request, password=given.get("password", ""), code=given.get("code", ""), passkey=given["credential"]
            )
        except confirming.NotConfirmed as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
            return None

"""Inviting people, giving them a role, changing its end and ending it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.profile import one_line
from accounts.models import Organization
from core.forms import RuleForm
from projects import access
from projects.forms.start import DateInput
from projects.models import Project
from projects.permissions import DATED_ROLES, Perm, Role
from projects.selectors import team as selectors
from projects.services import team


def roles_to_invite(by: Any, scope: Organization | Project, held: frozenset[Perm] | None = None) -> list[Role]:
    """What `by` may invite people as; `held` is what they may do here, if that is known already."""
    held = access.perms_in(by, scope) if held is None else held
    return [role for role in _roles_in(scope) if team.may_invite(by, role, scope, held)]


def roles_to_give(by: Any, scope: Organization | Project, held: frozenset[Perm] | None = None) -> list[Role]:
    held = access.perms_in(by, scope) if held is None else held
    return [role for role in _roles_in(scope) if team.may_grant(by, role, scope, held)]


def _roles_in(scope: Organization | Project) -> list[Role]:
    if isinstance(scope, Project):
        return [role for role in Role if role != Role.CLIENT_ADMIN]
    return list(team.FIRM_ROLES) if scope.is_firm else list(Role)


class EndingForm(RuleForm):
    """A form with an end date that means the last day of the role, in the organization's time zone."""

    ends_on = forms.DateField(label=gettext_lazy("Until"), widget=DateInput, required=False)

    def clean_ends_on(self) -> dt.date | None:
        day = self.cleaned_data["ends_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("This date lies in the past."))
        if day and day.year > timezone.localdate().year + 20:
            raise forms.ValidationError(_("That is very far away. Leave it empty for a role without an end."))
        return day

    def end_of(self, scope: Organization | Project) -> dt.datetime | None:
        organization = scope.organization if isinstance(scope, Project) else scope
        return team.end_of(self.cleaned_data["ends_on"], organization)

    def check_dated(self, role: str | None) -> None:
        """A role that is only given until a date asks for it where it is typed."""
        if role in DATED_ROLES and not self.cleaned_data.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("A certification-body auditor reads for the days of an audit: say until when."))


class InviteForm(EndingForm):
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    message = forms.CharField(
        label=gettext_lazy("A word to the person"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ["email", "name", "role", "ends_on", "message"]

    def __init__(self, *args: Any, by: Any, scope: Organization | Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.scope = by, scope
        roles = roles_to_invite(by, scope)
        self.fields["role"].choices = [("", _("Choose a role")), *((r.value, r.label) for r in roles)]
        self.fields["ends_on"].help_text = _("Empty: until it is ended. Certification-body auditors need a date.")
        if isinstance(scope, Organization) and scope.is_firm:
            del self.fields["ends_on"]

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "ends_on" in self.fields:
            self.check_dated(data.get("role"))
        return data

    def send(self) -> bool:
        data = self.cleaned_data
        return self.carry_out(
            lambda: team.invite(
                scope=self.scope, email=data["email"], name=data["name"], role=data["role"], by=self.by,
                message=data["message"], role_ends_on=data.get("ends_on"),
            )
        )  # fmt: skip


class GiveForm(EndingForm):
    """Another role for somebody the organization knows already."""

    person = forms.ModelChoiceField(label=gettext_lazy("Person"), queryset=None)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("It stands beside the role and in the journal."),
    )
    field_order = ["person", "role", "ends_on", "reason"]

    def __init__(self, *args: Any, by: Any, scope: Organization | Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.scope = by, scope
        self.fields["person"].queryset = selectors.known_people(by, scope).exclude(pk=by.pk)
        self.fields["role"].choices = [
            ("", _("Choose a role")), *((r.value, r.label) for r in roles_to_give(by, scope))
        ]  # fmt: skip
        self.fields["ends_on"].help_text = _("Empty: until it is ended.")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.check_dated(data.get("role"))
        return data

    def give(self) -> bool:
        data = self.cleaned_data
        return self.carry_out(
            lambda: team.grant(
                to=data["person"], role=data["role"], scope=self.scope, by=self.by, reason=data["reason"],
                expires_at=self.end_of(self.scope),
            )
        )  # fmt: skip


class ChangeEndForm(EndingForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, *args: Any, grant: Any, by: Any, **kwargs: Any) -> None:
        ends = grant.expires_at
        kwargs["initial"] = {"ends_on": timezone.localtime(ends).date() if ends else None}
        super().__init__(*args, **kwargs)
        self.grant, self.by = grant, by
        self.fields["ends_on"].help_text = _("Empty: until it is ended.")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.check_dated(self.grant.role)
        return data

    def change(self) -> bool:
        scope = self.grant.content_object
        return self.carry_out(
            lambda: team.grant(
                to=self.grant.user, role=self.grant.role, scope=scope, by=self.by,
                reason=self.cleaned_data["reason"], expires_at=self.end_of(scope),
            )
        )  # fmt: skip


class EndForm(RuleForm):
    reason = forms.CharField(
        label=gettext_lazy("Why it ends"),
        max_length=300,
        help_text=gettext_lazy("Access ends with the person's next click. The reason stays in the journal."),
    )

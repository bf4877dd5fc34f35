"""Forms of signing in and of the second factor: allauth's, with our words and our count of guesses."""

from __future__ import annotations

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthMfaReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm as AllauthEditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.services import codes

PASSWORD_HINT = _("At least 10 characters. A sentence of your own is easy to keep and hard to guess.")


def dress(field: forms.Field, *, label: str = "", hint: str = "", **attrs: str) -> None:
    """Gives a field of allauth our label and hint; a placeholder would only repeat the label."""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)
    field.help_text = hint
    if label:
        field.label = label


class LoginForm(AllauthLoginForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["login"], label=_("E-mail address"), autocomplete="username", autocapitalize="none")
        dress(self.fields["password"], label=_("Password"))
        asked = self.request.GET.get("email", "") if self.request is not None else ""
        if asked and not self.is_bound:
            try:
                validate_email(asked)
            except ValidationError:
                return
            self.initial["login"] = asked
            self.fields["password"].widget.attrs["autofocus"] = True


class ReauthenticateForm(AllauthReauthenticateForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["password"], label=_("Your password"), autofocus="autofocus")


class ResetPasswordForm(AllauthResetPasswordForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["email"], label=_("E-mail address"), autocapitalize="none")


class _NewPassword:
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["password1"], label=_("New password"), hint=PASSWORD_HINT)
        dress(self.fields["password2"], label=_("New password, once more"))


class ChangePasswordForm(_NewPassword, AllauthChangePasswordForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["oldpassword"], label=_("Current password"))


class SetPasswordForm(_NewPassword, AllauthSetPasswordForm):
    pass


class ResetPasswordKeyForm(_NewPassword, AllauthResetPasswordKeyForm):
    pass


class _CodeOnce:
    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if codes.was_used(self.user, code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not codes.note_used(self.user, code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_CodeOnce, AllauthAuthenticateForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(
            self.fields["code"],
            label=_("Code"),
            hint=_("Six digits from the app, or one of your recovery codes."),
            autofocus="autofocus",
        )


class MfaReauthenticateForm(_CodeOnce, AllauthMfaReauthenticateForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(
            self.fields["code"],
            label=_("Code"),
            hint=_("Six digits from the app, or one of your recovery codes."),
            autofocus="autofocus",
        )


class ActivateTOTPForm(AllauthActivateTOTPForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dress(
            self.fields["code"],
            label=_("Code that the app shows"),
            hint=_("Six digits. It changes every 30 seconds."),
            inputmode="numeric",
        )

    def clean_code(self) -> str:
        code = super().clean_code()
        codes.note_used(self.user, code)
        return code


class AddWebAuthnForm(AllauthAddWebAuthnForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = 60
        dress(
            self.fields["name"],
            label=_("Name of this passkey"),
            hint=_("So that you know it again in the list: the device or the key it lives on."),
            maxlength="60",
        )
        # Always a real passkey: it signs in alone, and serves as second factor after a password as well.
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _("Sign in with it without a password")
        self.fields["passwordless"].help_text = _(
            "The device asks for your fingerprint, face or PIN. Leave it off for a plain security key."
        )

    def clean_name(self) -> str:
        return super().clean_name()[:60]


class EditWebAuthnForm(AllauthEditWebAuthnForm):
    name = forms.CharField(label=_("Name of this passkey"), max_length=60)

"""How an organization looks, and how long it keeps its reports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from core.forms import RuleForm
from reports.models.report import LEAST_DAYS, MOST_DAYS


class LogoForm(RuleForm):
    file = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG or WebP; wide ones look best. It is kept small, with nothing in it but the picture."),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp"}),
        error_messages={"required": _("Choose a picture first.")},
    )


class ColorForm(RuleForm):
    color = forms.CharField(
        label=_("Colour"),
        help_text=_("White text stands on it: a light colour is made darker until that can be read."),
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("A colour is a # and six digits, for example #2457e0."))],
        widget=forms.TextInput(attrs={"type": "color"}),
    )

    def clean_color(self) -> str:
        return self.cleaned_data["color"].lower()


class KeepingForm(RuleForm):
    days = forms.IntegerField(
        label=_("Days"),
        min_value=LEAST_DAYS,
        max_value=MOST_DAYS,
        help_text=_("Reports made from now on are kept for so long. 730 days are two years."),
    )

    def __init__(self, *args: Any, days: int, **kwargs: Any) -> None:
        super().__init__(*args, initial={"days": days}, **kwargs)

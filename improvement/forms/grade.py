"""The form of a project's own grades: a line for each, the gravest first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.forms import RuleForm
from improvement.grading import Scale
from improvement.services.grade import LONGEST, MOST, MOST_DAYS


class GradesForm(RuleForm):
    """`version` 0 where the project grades minor and major as usual."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, scale: Scale, version: int, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"version": version}
        for n, grade in enumerate(scale.grades):
            initial |= {
                f"key_{n}": grade.key, f"name_{n}": grade.name, f"grave_{n}": grade.is_grave,
                f"contain_{n}": grade.contain_days, f"analyse_{n}": grade.analyse_days,
            }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
        for n in range(MOST):
            self.fields[f"key_{n}"] = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
            self.fields[f"name_{n}"] = forms.CharField(required=False, max_length=LONGEST, label=gettext_lazy("Name"))
            self.fields[f"grave_{n}"] = forms.BooleanField(required=False, label=gettext_lazy("A grave one"))
            for part, label in (
                ("contain", gettext_lazy("Correction, days")),
                ("analyse", gettext_lazy("Cause, days")),
            ):
                self.fields[f"{part}_{n}"] = forms.IntegerField(
                    required=False, min_value=0, max_value=MOST_DAYS, label=label
                )

    def lines(self) -> list[dict[str, Any]]:
        """The fields of each line, as the page lists them."""
        parts = ("key", "name", "grave", "contain", "analyse")
        return [{"n": n + 1, **{part: self[f"{part}_{n}"] for part in parts}} for n in range(MOST)]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What the service takes."""
        data = self.cleaned_data
        return [
            {
                "key": data[f"key_{n}"], "name": data[f"name_{n}"], "is_grave": data[f"grave_{n}"],
                "contain_days": data[f"contain_{n}"], "analyse_days": data[f"analyse_{n}"],
            }
            for n in range(MOST)
        ]  # fmt: skip

    def take_over(self) -> None:
        """Lets the next save go on top of the newer version, now that the person has seen the message."""
        if self.conflict is not None:
            self.data = self.data.copy()
            self.data["version"] = str(self.conflict.version)

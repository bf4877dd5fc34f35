"""The form of a project's settings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.profile import one_line
from core import places
from core.forms import VersionedForm
from pdca.models import Standard
from pdca.selectors import standards as standard_selectors
from projects import access
from projects.models import Project
from projects.models.project import ProjectStatus
from projects.services import settings as services

from .start import WEEKDAYS, YEARS_AHEAD, DateInput


def days_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=99_999, max_digits=7, decimal_places=2
    )


class ProjectForm(VersionedForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=ProjectStatus.choices)
    manager = forms.ModelChoiceField(
        label=gettext_lazy("Project manager"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Nobody yet"),
        help_text=gettext_lazy("Who answers for the plan. The role itself is given under Team."),
    )
    consultant = forms.ModelChoiceField(
        label=gettext_lazy("Consultant in charge"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("The firm's portfolio is grouped by this name."),
    )
    days_sold = days_field(gettext_lazy("Consulting days sold"))
    days_used = days_field(gettext_lazy("Consulting days used"))
    target_on = forms.DateField(
        label=gettext_lazy("Certification audit planned for"), required=False, widget=DateInput()
    )
    headcount = forms.IntegerField(label=gettext_lazy("People in the scope"), min_value=1, max_value=1_000_000)
    # By slug and not as a model field: that one hands any number to the database, which refuses one of twenty digits.
    standards = forms.MultipleChoiceField(
        label=gettext_lazy("Standards"),
        error_messages={"required": gettext_lazy("A project needs at least one standard to work towards.")},
    )
    working_days = forms.MultipleChoiceField(
        label=gettext_lazy("Working days"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("A week needs at least one working day.")},
    )
    holiday_country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)
    holiday_region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        self.project = project
        self.chosen = list(project.chosen_standards.values_list("standard__slug", flat=True))
        names = (
            "name", "status", "target_on", "headcount", "days_sold", "days_used", "holiday_country", "holiday_region",
            "version",
        )  # fmt: skip
        kwargs["initial"] = (
            {name: getattr(project, name) for name in names}
            | {
                "manager": project.manager_id,
                "consultant": project.consultant_id,
                "standards": self.chosen,
                "working_days": [str(day) for day, is_worked in enumerate(project.working_week) if is_worked == "1"],
            }
            | (kwargs.get("initial") or {})
        )
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = access.people_of(project)
        self.fields["consultant"].queryset = services.consultants_of(project)
        self.offered = list(standard_selectors.certifiable())
        self.fields["standards"].choices = [(s.slug, s.code) for s in self.offered]
        self.fields["holiday_country"].choices = [("", _("No public holidays")), *places.countries()]
        country = self.data.get("holiday_country", "") if self.is_bound else project.holiday_country
        regions = places.regions(country or "")
        self.fields["holiday_region"].choices = [("", _("The whole country")), *regions]

    def superseded(self) -> list[Standard]:
        """Chosen standards that a newer edition has replaced, the transition still running or over."""
        return [s for s, is_chosen in self.standard_rows if is_chosen and s.is_superseded]

    @property
    def standard_rows(self) -> list[tuple[Standard, bool]]:
        picked = set(self["standards"].value() or [])
        return [(s, s.slug in picked) for s in self.offered]

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_standards(self) -> list[Standard]:
        return [s for s in self.offered if s.slug in self.cleaned_data["standards"]]

    def clean_target_on(self) -> dt.date | None:
        day = self.cleaned_data["target_on"]
        if day and day < self.project.start_on:
            raise forms.ValidationError(_("The audit lies before the start of the project."))
        if day and day.year > self.project.start_on.year + YEARS_AHEAD:
            raise forms.ValidationError(_("Choose a date that a project can reach."))
        return day

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        days = data.get("working_days") or []
        data["working_week"] = "".join("1" if str(day) in days else "0" for day in range(7))
        return data

    def differences(self, labels: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Both texts where somebody saved first; choices, days and standards in words."""
        if self.conflict is None:
            return []
        now, mine = self.conflict, self.cleaned_data
        theirs = {s.pk for s in now.standards.all()}
        rows = [
            (name, mine.get(name), getattr(now, name))
            for name in (
                "name",
                "manager",
                "consultant",
                "target_on",
                "headcount",
                "days_sold",
                "days_used",
                "working_week",
                "holiday_country",
                "holiday_region",
            )
        ]
        rows.append(("status", ProjectStatus(mine["status"]).label, now.get_status_display()))
        rows.append(
            (
                "standards",
                ", ".join(s.code for s in mine["standards"]),
                ", ".join(s.code for s in self.offered if s.pk in theirs),
            )
        )
        said = {"working_week": _("Working days")}
        return [
            {
                "field": name,
                "label": said.get(name) or self.fields[name].label,
                "mine": _days(a) if name == "working_week" else a,
                "theirs": _days(b) if name == "working_week" else b,
            }
            for name, a, b in rows
            if a != b
        ]


def _days(week: str) -> str:
    return ", ".join(str(label) for (_value, label), is_worked in zip(WEEKDAYS, week, strict=True) if is_worked == "1")

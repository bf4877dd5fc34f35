"""Forms of the schedule: an activity's dates, a link, bringing the plan up to date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import FilterForm, RuleForm, VersionedForm
from projects import access
from projects.models import PlanActivity
from projects.models.plan import ActivityStatus
from projects.models.schedule import MilestoneKind
from projects.models.task import LinkKind
from projects.schedule.plan import Span
from projects.services.schedule import DATES, MOST_LAG

from .seen import SeenForm
from .start import YEARS_AHEAD, YEARS_BACK, DateInput

LONGEST = 999


def near(day: dt.date | None, start: dt.date) -> dt.date | None:
    """The date if a plan that starts on `start` can reach it. Raises ValidationError."""
    if day and not start.year - YEARS_BACK <= day.year <= start.year + YEARS_AHEAD:
        raise forms.ValidationError(
            _("Choose a date between %(first)s and %(last)s."),
            params={"first": start.year - YEARS_BACK, "last": start.year + YEARS_AHEAD},
        )
    return day


class DatesForm(SeenForm, VersionedForm):
    duration_days = forms.IntegerField(
        label=_("Working days it takes"), min_value=1, max_value=LONGEST, help_text=_("Not counting closed days.")
    )
    not_before_on = forms.DateField(
        label=_("Not before"),
        required=False,
        widget=DateInput(),
        help_text=_("It begins no earlier, whatever is done."),
    )
    fixed_on = forms.DateField(
        label=_("Fixed to begin on"),
        required=False,
        widget=DateInput(),
        help_text=_("An agreed day, such as an audit."),
    )
    finish_by_on = forms.DateField(
        label=_("To be finished by"),
        required=False,
        widget=DateInput(),
        help_text=_("Promised; the schedule says when it cannot be kept."),
    )
    dates_are_manual = forms.BooleanField(
        label=_("Dates set by hand"),
        required=False,
        help_text=_("They stay when the plan moves, and the schedule says what they contradict."),
    )
    starts_on = forms.DateField(label=_("Planned start"), required=False, widget=DateInput())
    ends_on = forms.DateField(label=_("Planned end"), required=False, widget=DateInput())
    started_on = forms.DateField(label=_("Started on"), required=False, widget=DateInput())
    finished_on = forms.DateField(label=_("Finished on"), required=False, widget=DateInput())
    remaining_days = forms.IntegerField(
        label=_("Working days left"),
        required=False,
        min_value=1,
        max_value=LONGEST,
        help_text=_("From today on; empty goes by the days that are used up."),
    )
    reason = forms.CharField(
        label=_("Why"), required=False, max_length=500, help_text=_("Kept in the journal and in the history.")
    )

    def __init__(self, *args: Any, activity: PlanActivity, **kwargs: Any) -> None:
        self.activity = activity
        kwargs["initial"] = {name: getattr(activity, name) for name in (*DATES, "version")} | (
            kwargs.get("initial") or {}
        )
        super().__init__(*args, **kwargs)
        begun = activity.status in (ActivityStatus.IN_PROGRESS, ActivityStatus.DONE)
        done = activity.status == ActivityStatus.DONE
        for name, is_asked in (("started_on", begun), ("finished_on", done), ("remaining_days", begun and not done)):
            if not is_asked:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        start = self.activity.project.start_on
        for name, field in self.fields.items():
            if isinstance(field, forms.DateField):
                try:
                    near(self.cleaned_data.get(name), start)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        if self.cleaned_data.get("dates_are_manual"):
            for name in ("starts_on", "ends_on"):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, _("Say both days when the dates are set by hand."))
        return self.cleaned_data

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DATES if name in self.cleaned_data}


class DragForm(forms.Form):
    """The days a bar was dragged to, and the ones it had on the chart."""

    starts_on = forms.DateField()
    ends_on = forms.DateField()
    from_starts_on = forms.DateField(required=False)
    from_ends_on = forms.DateField(required=False)

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first and last and not (0 <= (last - first).days < 4_000 and 1990 < first.year < 2200):
            raise forms.ValidationError("no span")
        return self.cleaned_data

    @property
    def span(self) -> Span:
        return Span(self.cleaned_data["starts_on"], self.cleaned_data["ends_on"])

    def is_of(self, span: Span) -> bool:
        """Whether the chart showed the bar where it lies now."""
        first, last = self.cleaned_data["from_starts_on"], self.cleaned_data["from_ends_on"]
        return not (first and last) or (first, last) == span


class StepMoveForm(forms.Form):
    """When a step shall begin: the form behind its bar."""

    starts_on = forms.DateField(label=_("Planned start"), widget=DateInput())


class RedateForm(SeenForm, VersionedForm):
    """The days a bar was dragged to, once their consequence was seen."""

    starts_on = forms.DateField(widget=forms.HiddenInput)
    ends_on = forms.DateField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why"), required=False, max_length=500, help_text=_("Kept in the journal and in the history.")
    )


class LinkForm(SeenForm, RuleForm):
    predecessor = forms.ChoiceField(label=_("Waits for"))
    kind = forms.ChoiceField(label=_("How"), choices=LinkKind.choices, initial=LinkKind.FINISH_START)
    lag_days = forms.IntegerField(
        label=_("Lag in working days"),
        initial=0,
        required=False,
        min_value=-MOST_LAG,
        max_value=MOST_LAG,
        help_text=_("3 waits three days longer, −1 lets them share a day."),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["predecessor"].choices = [("", _("Choose an activity")), *choices]

    def clean_lag_days(self) -> int:
        return self.cleaned_data["lag_days"] or 0


class UpdateForm(SeenForm, RuleForm):
    move_overdue = forms.BooleanField(
        label=_("Give new dates to what is late, too"),
        required=False,
        help_text=_("Otherwise it keeps its date and is shown as late; what follows it moves either way."),
    )
    reason = forms.CharField(label=_("Why"), required=False, max_length=500, help_text=_("Kept in the journal."))


class ClosureForm(RuleForm):
    name = forms.CharField(label=_("What for"), max_length=120)
    first_on = forms.DateField(label=_("First day"), widget=DateInput())
    last_on = forms.DateField(label=_("Last day"), widget=DateInput())


class AbsenceForm(RuleForm):
    person = forms.ChoiceField(label=_("Person"))
    first_on = forms.DateField(label=_("First day"), widget=DateInput())
    last_on = forms.DateField(label=_("Last day"), widget=DateInput())

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.fields["person"].choices = [(pk, str(person)) for pk, person in self.people.items()]

    def clean_person(self) -> Any:
        return self.people[self.cleaned_data["person"]]


class CapacityForm(RuleForm):
    person = forms.ChoiceField(label=_("Person"))
    hours_per_week = forms.DecimalField(
        label=_("Hours a week"),
        required=False,
        min_value=0,
        max_value=80,
        max_digits=4,
        decimal_places=1,
        help_text=_("For this project; empty stands for every working day with eight hours."),
    )

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.fields["person"].choices = [(pk, str(person)) for pk, person in self.people.items()]

    def clean_person(self) -> Any:
        return self.people[self.cleaned_data["person"]]


class BaselineForm(RuleForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    note = forms.CharField(
        label=_("Why it is taken"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )


class MilestoneForm(RuleForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=MilestoneKind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=None, required=False, empty_label=_("Nobody yet"),
        help_text=_("Is reminded before the day; without one, who leads the project."),
    )  # fmt: skip
    activity = forms.ChoiceField(
        label=_("After activity"),
        required=False,
        help_text=_("Its date then follows the schedule; without one it stands on the date below."),
    )
    lag_days = forms.IntegerField(
        label=_("Working days after it"), required=False, initial=0, min_value=-MOST_LAG, max_value=MOST_LAG
    )
    on = forms.DateField(label=_("Date"), required=False, widget=DateInput())
    is_fixed = forms.BooleanField(
        label=_("The date is agreed and stays"),
        required=False,
        help_text=_("The schedule then says when the activity ends too late for it."),
    )
    reached_on = forms.DateField(label=_("Reached on"), required=False, widget=DateInput())
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(
        self, *args: Any, project: Any, choices: list[tuple[str, str]], milestone: Any = None, **kwargs: Any
    ) -> None:
        self.project = project
        if milestone is not None:
            names = ("kind", "title", "owner", "lag_days", "on", "is_fixed", "reached_on", "version")
            first = {name: getattr(milestone, name) for name in names}
            first["activity"] = milestone.activity.number if milestone.activity else ""
            kwargs["initial"] = first | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        # Somebody who has left the project stays the owner until another one is chosen.
        people, kept = access.people_of(project), milestone.owner_id if milestone is not None else None
        self.fields["owner"].queryset = (people | User.objects.filter(pk=kept)) if kept else people
        self.fields["activity"].choices = [("", _("None: it stands on its date")), *choices]

    def clean(self) -> dict[str, Any]:
        for name in ("on", "reached_on"):
            try:
                near(self.cleaned_data.get(name), self.project.start_on)
            except forms.ValidationError as error:
                self.add_error(name, error)
        return self.cleaned_data

    def clean_lag_days(self) -> int:
        return self.cleaned_data["lag_days"] or 0


class MilestoneFilter(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Every kind")), *MilestoneKind.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("ahead", _("Ahead")), ("late", _("Overdue")), ("reached", _("Reached"))],
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("By date")),
            ("-on", _("Latest first")),
            ("title", _("By title")),
            ("owner", _("By owner")),
            ("number", _("By number")),
        ],
    )

    def __init__(self, *args: Any, people: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [
            ("", _("Everybody")), ("me", _("Mine")), ("none", _("Nobody yet")),
            *((str(one.pk), str(one)) for one in people),
        ]  # fmt: skip


class BaselineFilter(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("yardstick", _("Yardstick")),
            ("approved", _("Approved")),
            ("open", _("Not approved")),
        ],
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[("", _("Latest first")), ("number", _("Oldest first")), ("name", _("By name")), ("ends", _("By end"))],
    )


class GanttForm(forms.Form):
    """What the chart shows; what makes no sense is left aside."""

    zoom = forms.ChoiceField(
        label=_("Zoom"),
        required=False,
        choices=[("weeks", _("Weeks")), ("months", _("Months")), ("quarters", _("Quarters"))],
    )
    level = forms.ChoiceField(
        label=_("Down to"),
        required=False,
        choices=[
            ("phases", _("Phases")),
            ("steps", _("Steps")),
            ("activities", _("Activities")),
            ("tasks", _("Tasks")),
        ],
    )
    baseline = forms.IntegerField(required=False, min_value=0)
    critical = forms.BooleanField(label=_("Critical only"), required=False)

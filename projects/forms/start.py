"""Starting a project: everything on one page, with a default wherever a default makes sense."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.profile import one_line, zones
from accounts.models import Organization
from accounts.models.organization import slug_shape
from accounts.models.user import Language, User, zone_exists
from core import places
from core.dates import EVERY_WEEK, today
from core.forms import RuleForm
from pdca.models import Standard
from pdca.models.standards import DISCIPLINES
from pdca.selectors import standards as standard_selectors
from pdca.selectors.catalogue import Plan
from projects import access
from projects.models import KitVersion, Project
from projects.models.project import RESERVED_SLUGS
from projects.permissions import Perm
from projects.selectors import kit as kit_selectors
from projects.services import team
from projects.services.opening import TWICE_WITHIN, Manager, NewClient

NEW = "+"
MANY = 5
"""With more clients than this they stand in a list that opens, not one under the other."""
YEARS_BACK, YEARS_AHEAD = 3, 15
WEEKDAYS = [
    ("0", gettext_lazy("Mon")), ("1", gettext_lazy("Tue")), ("2", gettext_lazy("Wed")), ("3", gettext_lazy("Thu")),
    ("4", gettext_lazy("Fri")), ("5", gettext_lazy("Sat")), ("6", gettext_lazy("Sun")),
]  # fmt: skip


def free_slug(text: str, taken: Any, fallback: str) -> str:
    """A short name for addresses made from a name, with a number behind it when `taken(slug)` says so."""
    base = slugify(text)[:40].strip("-") or fallback
    names = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(name for name in names if not taken(name))


class DateInput(forms.DateInput):
    """The browser's own calendar; it wants ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


@dataclass(frozen=True)
class StandardChoice:
    """A standard as the page offers it, its older edition beneath it."""

    standard: Standard
    is_chosen: bool
    older: list[StandardChoice]


class StartForm(RuleForm):
    client = forms.ChoiceField(label=gettext_lazy("Client"), widget=forms.RadioSelect)
    firm = forms.ChoiceField(label=gettext_lazy("Your firm"), required=False)
    client_name = forms.CharField(label=gettext_lazy("Name of the organization"), max_length=200, required=False)
    client_slug = forms.CharField(
        label=gettext_lazy("Short name of the client in addresses"),
        max_length=50,
        required=False,
        validators=[slug_shape],
        help_text=gettext_lazy("Leave it empty and it is made from the name."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices, required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    standards = forms.MultipleChoiceField(
        label=gettext_lazy("Standards"),
        error_messages={
            "required": gettext_lazy("A project needs at least one standard to work towards."),
            "invalid_choice": gettext_lazy("One of the chosen standards is not on offer."),
        },
    )
    start_on = forms.DateField(label=gettext_lazy("Starts on"), widget=DateInput)
    target_on = forms.DateField(
        label=gettext_lazy("Certification audit planned for"),
        widget=DateInput,
        required=False,
        help_text=gettext_lazy("Leave it empty if it is still open."),
    )
    headcount = forms.IntegerField(
        label=gettext_lazy("People in the scope"),
        min_value=1,
        max_value=1_000_000,
        help_text=gettext_lazy("Larger organizations get longer steps."),
    )
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)
    region = forms.ChoiceField(
        label=gettext_lazy("Region"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("This is no region of the chosen country. Choose it again.")},
    )
    region_of = forms.CharField(required=False, max_length=2, widget=forms.HiddenInput)
    working_days = forms.MultipleChoiceField(
        label=gettext_lazy("Working days"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("A week needs at least one working day.")},
    )
    name = forms.CharField(label=gettext_lazy("Name of the project"), max_length=200)
    slug = forms.CharField(
        label=gettext_lazy("Short name of the project in addresses"),
        max_length=50,
        required=False,
        validators=[slug_shape],
        help_text=gettext_lazy("Leave it empty and it is “ims”, with a number if that is taken."),
    )
    manager = forms.ChoiceField(
        label=gettext_lazy("Project manager"),
        choices=[("me", gettext_lazy("I manage it")), ("invite", gettext_lazy("Somebody else: invite by e-mail"))],
        widget=forms.RadioSelect,
    )
    manager_name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    manager_email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254, required=False)
    kit = forms.ChoiceField(
        label=gettext_lazy("Start from"),
        required=False,
        help_text=gettext_lazy(
            "A kit brings its tailoring, durations and tasks; each difference stands in the record."
        ),
    )
    tasks = forms.ChoiceField(
        label=gettext_lazy("Suggested tasks"),
        choices=[("all", gettext_lazy("All")), ("none", gettext_lazy("None")), ("steps", gettext_lazy("By step"))],
        widget=forms.RadioSelect,
    )
    task_steps = forms.MultipleChoiceField(label=gettext_lazy("Steps"), required=False)

    def __init__(self, *args: Any, user: User, plan: Plan, asked_for: str = "", **kwargs: Any) -> None:
        self.user, self.plan = user, plan
        self.organizations = {
            o.slug: o for o in access.organizations_with(user, Perm.START_PROJECT).order_by("kind", "name", "pk")
        }
        self.firms = {o.slug: o for o in team.firms_of(user).order_by("name", "pk")}
        kwargs["initial"] = self._defaults(asked_for) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        own = _("%(firm)s itself")
        offered = [(slug, own % {"firm": o.name} if o.is_firm else o.name) for slug, o in self.organizations.items()]
        if len(offered) > MANY:
            self.fields["client"].widget = forms.Select()
        self.fields["client"].choices = ([(NEW, _("A new client"))] if self.firms else []) + offered
        self.kits = {str(one.pk): one for one in kit_selectors.on_offer(user)} if self.firms else {}
        self.fields["kit"].choices = [("", _("The method as published")), *self._kit_choices()]
        self.fields["firm"].choices = [(slug, o.name) for slug, o in self.firms.items()]
        self.fields["time_zone"].choices = zones()
        self.all_standards = list(standard_selectors.certifiable())
        self.fields["standards"].choices = [(s.slug, s.code) for s in self.all_standards]
        self.fields["task_steps"].choices = [(step.code, step.title) for step in plan.steps]
        self.fields["country"].choices = [("", _("No public holidays")), *places.countries()]
        country = (self.data.get("country", "") if self.is_bound else self.initial["country"]) or ""
        self.fields["region"].choices = [("", _("The whole country")), *places.regions(country)]
        self.chosen_country = country

    def _kit_choices(self) -> list[tuple[str, str]]:
        words = _("%(kit)s, version %(n)s (%(steps)s steps, %(tasks)s tasks)")
        return [
            (pk, words % {"kit": one.kit, "n": one.number, "steps": one.step_count, "tasks": one.task_count})
            for pk, one in self.kits.items()
        ]

    def _defaults(self, asked_for: str) -> dict[str, Any]:
        """What stands in the form at first; an organization named in the address brings its own."""
        here = self.organizations.get(asked_for)
        clients = [o for o in self.organizations.values() if not o.is_firm]
        if here is None and len(clients) == 1 and not self.firms:
            here = clients[0]
        home = here or next(iter(self.firms.values()), None)
        country = (home.country if home else "") or "CH"
        zone = home.time_zone if home else self.user.time_zone
        return {
            "client": here.slug if here else NEW if self.firms else next(iter(self.organizations), ""),
            "firm": next(iter(self.firms), ""),
            "language": home.language if home else self.user.language,
            "time_zone": zone,
            "start_on": today(zone),
            "headcount": (here.headcount if here else None) or 100,
            "country": country if country in dict(places.countries()) else "",
            "region": home.region if home else "",
            "working_days": [str(day) for day, is_worked in enumerate(EVERY_WEEK) if is_worked == "1"],
            "name": _("Integrated management system"),
            "manager": "me",
            "tasks": "all",
            "task_steps": [step.code for step in self.plan.steps],
        }

    # ---- what the page shows ---------------------------------------------------------------------------------

    def value_of(self, name: str) -> Any:
        return self[name].value()

    @property
    def standard_groups(self) -> list[tuple[str, list[StandardChoice]]]:
        """Standards by discipline; an older edition stands under the one that replaced it."""
        chosen = set(self.value_of("standards") or [])
        older: dict[str, list[StandardChoice]] = {}
        for standard in self.all_standards:
            if standard.is_superseded:
                choice = StandardChoice(standard, standard.slug in chosen, [])
                successor = getattr(standard, "successor", None)
                older.setdefault(successor.slug if successor else "", []).append(choice)
        groups: dict[str, list[StandardChoice]] = {}
        for standard in self.all_standards:
            if not standard.is_superseded:
                choice = StandardChoice(standard, standard.slug in chosen, older.pop(standard.slug, []))
                groups.setdefault(standard.discipline_label, []).append(choice)
        for left in older.values():
            for choice in left:
                groups.setdefault(choice.standard.discipline_label, []).append(choice)
        order = [str(label) for label in DISCIPLINES.values()]
        return sorted(groups.items(), key=lambda group: order.index(group[0]) if group[0] in order else len(order))

    @property
    def step_choices(self) -> list[dict[str, Any]]:
        """The method's steps with the number of tasks suggested for each."""
        chosen = set(self.value_of("task_steps") or [])
        return [
            {
                "phase": phase,
                "steps": [
                    {
                        "step": step,
                        "count": sum(len(a.suggested_tasks.all()) for a in step.activities.all()),
                        "is_chosen": step.code in chosen,
                    }
                    for step in phase.steps.all()
                ],
            }
            for phase in self.plan.phases
        ]

    def forgive_missing(self) -> None:
        """Takes back "this field is required": who only wants to see the plan is not finished typing."""
        for name in list(self.errors):
            kept = [e for e in self.errors.as_data()[name] if e.code != "required"]
            if kept:
                self.errors[name] = self.error_class([message for e in kept for message in e.messages])
            else:
                del self.errors[name]

    # ---- what was typed --------------------------------------------------------------------------------------

    def clean_client_name(self) -> str:
        return one_line(self.cleaned_data["client_name"])

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_manager_name(self) -> str:
        return one_line(self.cleaned_data["manager_name"])

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"] or self.initial["time_zone"]
        zone_exists(zone)
        return zone

    def _near(self, name: str) -> dt.date | None:
        day = self.cleaned_data[name]
        here = today()
        if day and not here.year - YEARS_BACK <= day.year <= here.year + YEARS_AHEAD:
            raise forms.ValidationError(
                _("Choose a date between %(first)s and %(last)s."),
                params={"first": here.year - YEARS_BACK, "last": here.year + YEARS_AHEAD},
            )
        return day

    def clean_start_on(self) -> dt.date | None:
        return self._near("start_on")

    def clean_target_on(self) -> dt.date | None:
        return self._near("target_on")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        start_on, target_on = data.get("start_on"), data.get("target_on")
        if start_on and target_on and target_on < start_on:
            self.add_error("target_on", _("The audit lies before the start of the project."))
        if data.get("client") == NEW:
            self._clean_new_client(data)
        if data.get("manager") == "invite":
            if not data.get("manager_email") and "manager_email" not in self.errors:
                self.add_error("manager_email", _missing(_("Say whom to invite.")))
            elif User.objects.normalize_email(data.get("manager_email")) == self.user.email:
                self.add_error("manager_email", _("That is you: choose “I manage it” above."))
        if data.get("tasks") == "steps" and not data.get("task_steps") and "task_steps" not in self.errors:
            self.add_error("task_steps", _("Choose at least one step, or no suggested tasks at all."))
        self._name_project(data)
        return data

    def _clean_new_client(self, data: dict[str, Any]) -> None:
        def taken(slug: str) -> bool:
            mine = {"created_by": self.user, "kind": "client", "created_at__gte": timezone.now() - TWICE_WITHIN}
            return Organization.objects.filter(slug=slug).exclude(**mine).exists()

        if not data.get("client_name") and "client_name" not in self.errors:
            self.add_error("client_name", _missing(_("Say what the new client is called.")))
        if data.get("firm") not in self.firms:
            data["firm"] = next(iter(self.firms), "")
        if "client_slug" not in self.errors and data.get("client_name") and not data.get("client_slug"):
            data["client_slug"] = free_slug(data["client_name"], taken, "client")

    def _name_project(self, data: dict[str, Any]) -> None:
        if "slug" in self.errors or data.get("slug"):
            return
        in_use = set(RESERVED_SLUGS)
        organization = self.organizations.get(data.get("client", ""))
        if organization is not None:
            in_use |= set(
                Project.objects.filter(organization=organization)
                .exclude(
                    created_by=self.user,
                    name=data.get("name", ""),
                    start_on=data.get("start_on"),
                    created_at__gte=timezone.now() - TWICE_WITHIN,
                )
                .values_list("slug", flat=True)
            )
        data["slug"] = free_slug("ims", in_use.__contains__, "ims")

    # ---- what the services want ------------------------------------------------------------------------------

    @property
    def working_week(self) -> str:
        days = self.cleaned_data.get("working_days") or []
        return "".join("1" if str(day) in days else "0" for day in range(7))

    @property
    def chosen_standards(self) -> list[Standard]:
        chosen = set(self.cleaned_data.get("standards") or [])
        return [s for s in self.all_standards if s.slug in chosen]

    @property
    def chosen_client(self) -> Organization | NewClient:
        data = self.cleaned_data
        if data["client"] != NEW:
            return self.organizations[data["client"]]
        return NewClient(
            firm=self.firms[data["firm"]],
            name=data["client_name"],
            slug=data["client_slug"],
            details={
                "country": data["country"],
                "region": data["region"],
                "language": data["language"] or self.initial["language"],
                "time_zone": data["time_zone"],
            },
        )

    @property
    def chosen_manager(self) -> Manager | None:
        data = self.cleaned_data
        return Manager(data["manager_email"], data["manager_name"]) if data["manager"] == "invite" else None

    @property
    def chosen_kit(self) -> KitVersion | None:
        """The version to start from, with its content; its edition goes with it."""
        return self.kits.get(self.cleaned_data.get("kit") or "")

    @property
    def chosen_tasks(self) -> bool | set[int]:
        """What start.start calls `with_tasks`."""
        data = self.cleaned_data
        if data["tasks"] != "steps":
            return data["tasks"] == "all"
        steps = set(data["task_steps"])
        return {
            task.pk
            for step in self.plan.steps
            if step.code in steps
            for activity in step.activities.all()
            for task in activity.suggested_tasks.all()
        }

    @property
    def details(self) -> dict[str, Any]:
        """The arguments of start.start that are taken as they are."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "slug": data["slug"],
            "standards": self.chosen_standards,
            "start_on": data["start_on"],
            "target_on": data["target_on"],
            "headcount": data["headcount"],
            "working_week": self.working_week,
            "holiday_country": data["country"],
            "holiday_region": data["region"],
            "with_tasks": self.chosen_tasks if self.chosen_kit is None else data["tasks"] != "none",
            **({"kit": self.chosen_kit} if self.chosen_kit is not None else {}),
        }


def _missing(text: str) -> forms.ValidationError:
    return forms.ValidationError(text, code="required")

"""Every component in all its states on one page, for those who build pages. Only there while debugging.

The data is made up here and touches no database, so the page also shows what a component needs.
"""

from __future__ import annotations

import datetime as dt
import math
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.access_check import public
from core.context import THEMES
from core.nav import Choice, Entry, Navigation
from core.svg import Bar, CurvePoint, Part, Phase, Step, bars, curve, donut, segments, spark, wheel

PEOPLE = [
    SimpleNamespace(name=name)
    for name in ("Petra Aeschbacher", "Marc Favre", "Lea Brunner", "Jonas Weber", "Ana Keller", "Ines O'Neill")
]
PLAN = {
    "Plan": [100, 100, 100, 100, 100, 100, 82, 55],
    "Do": [100, 70, 38, 45, 15, 0, 0],
    "Check": [10, 0, 0],
    "Act": [0, 0],
}


SHARES = [Part("Done", 56, "done"), Part("In progress", 9, "prog"), Part("Late", 3, "late"), Part("Open", 33, "open")]


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(help_text="One sentence: cause, event, effect.")
    about = forms.CharField(label="Description", widget=forms.Textarea, required=False)
    owner = forms.ChoiceField(choices=[("", "Nobody yet"), ("1", "Marc Favre"), ("2", "Lea Brunner")], required=False)
    due_on = forms.DateField(label="Due", widget=forms.DateInput(attrs={"type": "date"}), help_text="A working day.")
    priority = forms.ChoiceField(
        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")], widget=forms.RadioSelect, initial="normal"
    )
    standards = forms.MultipleChoiceField(
        choices=[("9001", "ISO 9001"), ("27001", "ISO/IEC 27001")], widget=forms.CheckboxSelectMultiple, required=False
    )
    evidence = forms.FileField(required=False)
    tell = forms.BooleanField(label="Tell the owner by e-mail", required=False, help_text="At most one mail a day.")


def _navigation() -> Navigation:
    def entry(key: str, label: str, icon: str, phone: int = 0, count: int = 0, urgent: bool = False, press: str = ""):
        return Entry(key, label, icon, f"#{key}", key == "overview", count, urgent, "", phone, press, label.split()[0])

    inside = [
        entry("overview", "Overview", "layout-dashboard", 1, press="o"),
        entry("steps", "Plan and steps", "list-check", 2),
        entry("tasks", "Tasks", "checklist", 3, 12, press="t"),
        entry("approvals", "Approvals", "signature", 4, 3, True),
    ]
    register = [entry("documents", "Documents", "files"), entry("risks", "Risks", "alert-triangle")]
    everywhere = [entry("mine", "My work", "user-check", press="m"), entry("method", "Method", "book")]
    return Navigation(
        project=[("", inside), ("Management system", register)],
        everywhere=[("", everywhere)],
        phone=inside,
        choices=[
            Choice("Alpenblick Medical", "Integrated MS 2027", "#a", True),
            Choice("Seefeld Pharma Logistics and Distribution", "ISO 9001 renewal", "#b"),
        ],
        here=Choice("Alpenblick Medical", "Integrated MS 2027", "#a", True),
        keys=[(one.key_press, one) for one in [*inside, *everywhere] if one.key_press],
    )


def _pictures(today: dt.date) -> dict[str, Any]:
    phases = [
        Phase(
            name,
            tone,
            [
                Step(
                    f"{tone}.{at}",
                    f"Sample step {at}",
                    percent,
                    href=f"#step-{tone}.{at}",
                    is_current=(tone, at) == (1, 8),
                    is_late=(tone, at) == (2, 3),
                    is_excluded=(tone, at) == (2, 7),
                )
                for at, percent in enumerate(percents, 1)
            ],
        )
        for tone, (name, percents) in enumerate(PLAN.items(), 1)
    ]
    first = today - dt.timedelta(days=260)
    points = [
        CurvePoint(
            first + dt.timedelta(days=7 * week),
            100 / (1 + math.exp(-(week - 34) / 8)),
            92 / (1 + math.exp(-(week - 35) / 8)) if week <= 37 else None,
        )
        for week in range(60)
    ]
    many = [
        Phase(f"Part {n}", n, [Step(f"{n}.{k}", "Step", (n * k * 13) % 101) for k in range(1, 13)]) for n in range(1, 6)
    ]
    return {
        "wheel": wheel(phases, 53, 57, id="sample-wheel"),
        "wheel_small": wheel(phases, 53, 57, id="sample-wheel-small", is_small=True),
        "wheel_many": wheel(many, 48, id="sample-wheel-many"),
        "wheel_one": wheel([Phase("Plan", 1, [Step("1.1", "Only", 40)])], 40, id="sample-wheel-one"),
        "wheel_none": wheel([], 0, id="sample-wheel-none"),
        "curve": curve(points, today, id="sample-curve"),
        "curve_narrow": curve(points, today, id="sample-curve-narrow", size="narrow"),
        "bars": bars(
            [
                Bar("Marc Favre", 14, "late", "#marc", "14 open, 3 late"),
                Bar("Lea Brunner", 9, "prog", "#lea", "9 open"),
                Bar("Somebody with a name that is far too long for it", 2, "done", None, "2 open"),
                Bar("Nobody yet", 0, "open", None, "0 open"),
            ],
            id="sample-bars",
            title="Open tasks by person",
        ),
        "donut": donut(SHARES, id="sample-donut", title="Activities by state", figure="56", words="of 101 done"),
        "parts": SHARES,
        "spark": spark([3, 5, 4, 8, 9, 12, 11, 15], id="sample-spark", title="Tasks done in the last eight weeks"),
        "segments": [
            {
                "name": name,
                "tone": tone,
                "picture": segments(percents, tone, id=f"sample-segments-{tone}"),
                "percent": round(sum(percents) / len(percents)),
                "said": f"{sum(percent == 100 for percent in percents)} of {len(percents)} steps",
            }
            for tone, (name, percents) in enumerate(PLAN.items(), 1)
        ],
    }


def _month(today: dt.date) -> list[list[dict[str, Any]]]:
    first = today.replace(day=1)
    monday = first - dt.timedelta(days=first.weekday())
    events = {
        3: [("Publish the document control procedure", "prog")],
        11: [("Close the treatment plan for supplier risks", "late"), ("Interview production", "done")],
        24: [("Justify the excluded controls", "risk"), ("Draft the campaign", "open")],
    }
    return [
        [
            {
                "date": day,
                "is_other": day.month != today.month,
                "is_today": day == today,
                "is_off": day.weekday() > 4,
                "events": [
                    {"label": label, "kind": kind, "href": "#event"}
                    for label, kind in (events.get(day.day, []) if day.month == today.month else [])
                ],
            }
            for day in (monday + dt.timedelta(days=7 * week + offset) for offset in range(7))
        ]
        for week in range(5)
    ]


@public("shows made-up data only, and only while debugging")
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components; `?theme=dark` shows them in that theme, `?page=2` turns the sample list."""
    today = timezone.localdate()
    now = timezone.now()
    invalid = SampleForm({"title": "", "due_on": "", "priority": "urgent"})
    invalid.add_error(None, "NC-004 cannot be closed: its effectiveness has not been judged (10.2.1 d).")
    request.user = SimpleNamespace(  # a person who exists on this page only
        is_authenticated=True, pk=0, name="Petra Aeschbacher", email="petra@example.org", shortcuts_enabled=True
    )
    context = {
        "nav": _navigation(),
        "today": today,
        "now": now,
        "people": PEOPLE,
        "form": SampleForm(auto_id="ok_%s", prefix="ok"),
        "invalid": invalid,
        "page": Paginator(range(431), 50).get_page(request.GET.get("page", 4)),
        "days": [
            (today - dt.timedelta(days=3), False),
            (today, False),
            (today + dt.timedelta(days=1), False),
            (today + dt.timedelta(days=5), False),
            (today + dt.timedelta(days=50), False),
            (today - dt.timedelta(days=40), True),
            (None, False),
        ],
        "rows": [
            (
                "Close treatment plan for supplier risks R-011 to R-014",
                "1.7 Risk assessment",
                1,
                -3,
                "late",
                "Overdue",
                "",
            ),
            (
                "Justify the 11 excluded controls in the SoA",
                "1.8 Statement of Applicability",
                1,
                2,
                "risk",
                "Due soon",
                "",
            ),
            (
                "Interview production and IT about current controls",
                "1.8 Statement of Applicability",
                2,
                4,
                "prog",
                "In progress",
                "",
            ),
            (
                "Publish the document control procedure PR-002",
                "2.2 Document management",
                3,
                9,
                "prog",
                "In review",
                "eye",
            ),
            (
                "Agree the KPI list with process owners",
                "3.1 Monitoring and measurement",
                None,
                12,
                "late",
                "Blocked",
                "ban",
            ),
            (
                "Draft the awareness campaign for shift workers",
                "2.5 Awareness and training",
                4,
                16,
                "open",
                "Not started",
                "",
            ),
            (
                "Bundesdatenschutzgesetzesänderungsfolgenabschätzung mit Überlänge prüfen",
                "1.2",
                5,
                -90,
                "done",
                "Done",
                "",
            ),
        ],
        "columns": [
            ("open", "Open", ["Draft the awareness campaign for shift workers", "Agree the KPI list"]),
            ("in_progress", "In progress", ["Interview production and IT about current controls"]),
            ("blocked", "Blocked", []),
            ("done", "Done", ["Organization chart and roles"]),
        ],
        "chosen": [
            {"name": "status", "value": "open", "label": "State", "text": "Open"},
            {"name": "who", "value": "2", "label": "Person", "text": "Lea Brunner"},
        ],
        "moves": [
            {"url": "#", "label": "Complete", "icon": "check", "kind": "primary"},
            {"url": "#", "label": "Block", "icon": "ban", "kind": "secondary"},
            {
                "url": "#",
                "label": "Cancel the task",
                "icon": "x",
                "kind": "danger",
                "confirm": "Cancel T-012? It stays in the journal.",
            },
        ],
        "entries": [
            {
                "who": PEOPLE[1],
                "at": now - dt.timedelta(minutes=25),
                "text": "changed the task",
                "changes": [
                    {"label": "Due", "before": "19 Nov", "after": "24 Nov"},
                    {"label": "Assignee", "before": "", "after": "Lea Brunner"},
                ],
                "reason": "The supplier answers late.",
            },
            {"who": PEOPLE[2], "at": now - dt.timedelta(days=2), "text": "created the task", "changes": []},
        ],
        "conflict": [
            {"label": "Title", "mine": "Justify the 11 excluded controls", "theirs": "Justify the excluded controls"},
            {"label": "Due", "mine": "24 Nov 2026", "theirs": "1 Dec 2026"},
        ],
        "steps_of_start": ["Client", "Standards", "Dates", "Team", "Check"],
        "weeks": _month(today),
        "weekday_names": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "kinds": [
            ("done", "Done", ""),
            ("prog", "In progress", ""),
            ("prog", "In review", "eye"),
            ("risk", "Due soon", ""),
            ("late", "Overdue", ""),
            ("late", "Blocked", "ban"),
            ("open", "Not started", ""),
            ("open", "Cancelled", "circle-x"),
        ],
        "tokens": [
            "bg",
            "surface",
            "surface-2",
            "line",
            "line-2",
            "ink",
            "ink-2",
            "ink-3",
            "brand",
            "p1",
            "p2",
            "p3",
            "p4",
        ],
        **_pictures(today),
    }
    if request.GET.get("theme") in THEMES:
        context["theme"] = request.GET["theme"]
    return render(request, "core/styleguide.html", context)


@public("shows made-up data only, and only while debugging")
def styleguide_plain(request: HttpRequest) -> HttpResponse:
    """The frame without navigation, as signing in and errors use it."""
    context = {"form": SampleForm()}
    if request.GET.get("theme") in THEMES:
        context["plain_theme"] = request.GET["theme"]
    return render(request, "core/styleguide_plain.html", context)

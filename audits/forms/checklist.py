"""Forms of the checklist: an answer, a question of one's own, the part of it that is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.models import ChecklistLine, Result, Session
from audits.selectors import checklist as selectors
from audits.services.answering import TYPED
from core.forms import FilterForm, RuleForm
from core.once import OnceForm
from pdca.models import Clause

ALL = gettext_lazy("All")


class PartFilter(FilterForm):
    """Which part of the checklist is shown, as the query string says it."""

    session = forms.ChoiceField(required=False, label=gettext_lazy("Session"))
    chapter = forms.ChoiceField(required=False, label=gettext_lazy("Clause"))
    standard = forms.ChoiceField(required=False, label=gettext_lazy("Standard"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))

    def __init__(self, data: Any, *, lines: list[ChecklistLine], sessions: list[Any], chapters: list[Any]) -> None:
        super().__init__(data, auto_id="part_%s")
        standards = {
            link.clause.standard.slug: link.clause.standard.code for line in lines for link in line.clause_links.all()
        }
        choices: dict[str, list[Any]] = {
            "session": [("", ALL), *((one.key, one.label) for one in sessions)],
            "chapter": [("", ALL), *((one.key, one.label) for one in chapters)],
            "standard": [("", ALL), *sorted(standards.items(), key=lambda one: one[1])],
            "state": [("", ALL), ("open", _("Without a result")), ("found", _("Something was found")), *RESULTS],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options

    @property
    def part(self) -> selectors.Filter:
        return selectors.Filter(**self.wanted)


RESULTS = [one for one in Result.choices if one[0]]


class AnswerForm(RuleForm):
    """What the page saves by itself, and the plain form of a browser without scripts."""

    key = forms.RegexField(r"^[A-Za-z0-9_-]{8,40}$", required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    result = forms.ChoiceField(required=False, choices=Result.choices, label=gettext_lazy("Result"))
    evidence = forms.CharField(
        required=False, max_length=10_000, label=gettext_lazy("What was seen"), widget=forms.Textarea(attrs={"rows": 5})
    )
    not_sampled_because = forms.CharField(
        required=False, max_length=1_000, label=gettext_lazy("Why was it not sampled?"),
        help_text=gettext_lazy("The report prints it."),
    )  # fmt: skip
    sampling = forms.CharField(
        required=False, max_length=1_000, label=gettext_lazy("Sample"),
        help_text=gettext_lazy("How many of how many, and how they were chosen."),
    )  # fmt: skip
    session = forms.ChoiceField(required=False, label=gettext_lazy("Session"))

    def __init__(self, *args: Any, sessions: list[Session], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="line_%s", **kwargs)
        self.sessions = {str(one.pk): one for one in sessions}
        self.fields["session"].choices = [
            ("", _("No session")), *((pk, one.title) for pk, one in self.sessions.items())
        ]  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        """What the service saves: only what was sent."""
        found = {name: self.cleaned_data.get(name) for name in TYPED if name in self.data}
        if "session" in found:
            found["session"] = self.sessions.get(found["session"])
        return found

    @staticmethod
    def initial_of(line: ChecklistLine) -> dict[str, Any]:
        names = ("version", "result", "evidence", "not_sampled_because", "sampling")
        return {name: getattr(line, name) for name in names} | {"session": str(line.session_id or "")}

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        rows, theirs = [], self.initial_of(self.conflict)
        for name in TYPED:
            if name not in self.data:
                continue
            field = self.fields[name]
            words = dict(getattr(field, "choices", ()))
            mine, now = (str(words.get(one, one) or "–") for one in (self.data[name].strip(), str(theirs[name])))
            if mine != now:
                rows.append({"label": str(field.label), "mine": mine, "theirs": now})
        return rows

    def take_over(self) -> None:
        """Lets the next save go on top of the newer version, now that the person has seen it."""
        if self.conflict is not None:
            self.data = self.data.copy()
            self.data["version"] = str(self.conflict.version)


class QuestionForm(OnceForm):
    """A question of one's own: new, or in other words."""

    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    title = forms.CharField(
        max_length=300, label=gettext_lazy("What do you want to know?"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    prompts = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Evidence to ask for"),
        widget=forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("One in each line."),
    )  # fmt: skip
    session = forms.ChoiceField(required=False, label=gettext_lazy("Session"))
    clauses = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Clauses"), widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("A finding at this question brings them along."),
    )  # fmt: skip

    def __init__(self, *args: Any, sessions: list[Session], clauses: list[Clause], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="question_%s", **kwargs)
        self.sessions = {str(one.pk): one for one in sessions}
        self._clauses = {str(one.pk): one for one in clauses}
        self.fields["session"].choices = [
            ("", _("No session")),
            *((pk, one.title) for pk, one in self.sessions.items()),
        ]
        self.fields["clauses"].choices = [
            (pk, f"{one.standard.code} {one.ref} {one.title}") for pk, one in self._clauses.items()
        ]

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "title": data["title"],
            "prompts": [line.strip() for line in data["prompts"].splitlines() if line.strip()],
            "session": self.sessions.get(data["session"]),
            "clauses": [self._clauses[pk] for pk in data["clauses"]],
        }

    @staticmethod
    def initial_of(line: ChecklistLine) -> dict[str, Any]:
        return {
            "version": line.version, "title": line.title, "prompts": "\n".join(line.prompts),
            "session": str(line.session_id or ""), "clauses": [str(link.clause_id) for link in line.clause_links.all()],
        }  # fmt: skip

"""Starter models as a project chooses among them: which it needs, which it has already, and how one would read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models.user import Language
from core import nav
from documents import commitments, filling, starters, writing
from documents.models import Document, Kind, Revision
from documents.models.revision import BADGES
from pdca.models import Clause, MergeGroup
from projects import access
from projects.models import Project

POLICY_MODEL = "integrated-policy"
FILLS = re.compile(r"(<[^>]*>)|(\{\{[^{}<>]*\}\})")


@dataclass(frozen=True)
class Here:
    """A document of the project that came from a model, or does what it would do. `badge`: kind, icon, words."""

    document: Document
    is_same: bool
    badge: tuple[str, str, str]


@dataclass
class Model:
    """A model as this project sees it: the clauses of its standards that it serves, and the documents it has already."""

    starter: starters.Starter
    serves: list[starters.Serves]
    here: list[Here]
    url: str = ""

    @property
    def is_here(self) -> bool:
        return any(one.is_same for one in self.here)

    @property
    def languages(self) -> list[str]:
        return [str(Language(one).label) for one in self.starter.languages]

    @property
    def is_in_english_only(self) -> bool:
        return self.starter.languages == (starters.ENGLISH,)


@dataclass(frozen=True)
class Shelf:
    """The models of one kind of document; `others` serve standards that this project does not have."""

    kind: str
    title: str
    models: list[Model] = field(default_factory=list)
    others: list[Model] = field(default_factory=list)


def shelves(project: Project, language: str) -> list[Shelf]:
    """All models by kind. Three queries, however many documents the project has."""
    codes = filling.standards_of(project)
    have = _documents_like_models(project)
    found: dict[str, Shelf] = {}
    for starter in starters.every(language):
        shelf = found.setdefault(starter.kind, Shelf(starter.kind, _title_of(starter.kind)))
        model = _model(starter, codes, have)
        (shelf.models if model.serves or not codes else shelf.others).append(model)
    for shelf in found.values():
        # With several standards one integrated policy comes first; its parts for one standard alone follow.
        shelf.models.sort(key=lambda model: -len(model.serves))
    return list(found.values())


def _title_of(kind: str) -> str:
    return {
        Kind.POLICY: _("Policies"), Kind.PROCEDURE: _("Procedures"), Kind.PROCESS: _("Process descriptions"),
        Kind.INSTRUCTION: _("Work instructions"), Kind.FORM: _("Forms"), Kind.PLAN: _("Plans"),
        Kind.MANUAL: _("Manuals"), Kind.RECORD: _("Records"), Kind.EXTERNAL: _("External documents"),
    }[Kind(kind)]  # fmt: skip


def of_step(project: Project, step_code: str, language: str) -> list[Model]:
    """The models that a step of the method begins with and that serve this project. Three queries; none where it has none."""
    wanted = [one for one in starters.every(language) if one.step == step_code]
    if not wanted:
        return []
    codes = filling.standards_of(project)
    have = _documents_like_models(project)
    return [model for one in wanted if (model := _model(one, codes, have)).serves or not codes]


def one(project: Project, slug: str, language: str) -> Model | None:
    """A model by its name. Three queries."""
    try:
        starter = starters.of(slug, language)
    except starters.NoSuchStarter:
        return None
    return _model(starter, filling.standards_of(project), _documents_like_models(project))


def steps() -> set[str]:
    """The codes of the steps that begin with a model."""
    return {one.step for one in starters.every()}


# --- what is here already -------------------------------------------------------------------------------------------


def _documents_like_models(project: Project) -> list[tuple[Document, set[str]]]:
    """Documents in use that answer the merge group of a model or carry its title, with the groups they answer. One query."""
    titles = {one.title for language in starters.LANGUAGES for one in starters.every(language)}
    groups = {one.group for one in starters.every() if one.group}
    order = ("effective", "approved", "in_review", "draft")
    rank = Case(*(When(status=status, then=Value(at)) for at, status in enumerate(order)), default=Value(len(order)))
    furthest = Revision.objects.filter(document=OuterRef("pk"), status__in=order).order_by(rank).values("status")[:1]
    rows = (
        Document.objects.filter(project=project, withdrawn_at__isnull=True)
        .defer("tags")
        .annotate(answered_group=F("answers__group__slug"), furthest_status=Subquery(furthest))
        .filter(Q(title__in=titles) | Q(answered_group__in=groups))
    )
    documents: dict[int, Document] = {}
    answered: dict[int, set[str]] = {}
    for row in rows.order_by("code", "pk"):  # once for each group that a document answers
        document = documents.setdefault(row.pk, row)
        document.project = project
        document.state = row.furthest_status or ""
        answered.setdefault(row.pk, set())
        if row.answered_group in groups:
            answered[row.pk].add(row.answered_group)
    return [(document, answered[pk]) for pk, document in documents.items()]


def _model(starter: starters.Starter, codes: list[str], have: list[tuple[Document, set[str]]]) -> Model:
    titles = {starters.of(starter.slug, language).title.casefold() for language in starter.languages}
    here = [
        Here(document, is_same, _state_of(document))
        for document, groups in have
        if (is_same := document.title.casefold() in titles)
        or (starter.group and starter.group in groups and document.kind == starter.kind)
    ]
    order = {code: at for at, code in enumerate(codes)}
    serves = sorted(starter.clauses_for(codes), key=lambda one: order[one.standard])
    return Model(starter, serves, sorted(here, key=lambda one: not one.is_same))


def _state_of(document: Document) -> tuple[str, str, str]:
    if not document.state:
        return "open", "circle-dashed", _("No text yet")
    kind, icon = BADGES[document.state]
    return kind, icon, str(Revision(status=document.state).get_status_display())


# --- language -------------------------------------------------------------------------------------------------------


def usual_language(project: Project) -> str:
    """The language most people of the project read; the organization's where that does not decide. One query."""
    counted = Counter(access.people_of(project).values_list("language", flat=True))
    counted = Counter({language: n for language, n in counted.items() if language in starters.LANGUAGES})
    own = project.organization.language
    most = max(counted.values(), default=0)
    first = [language for language, n in counted.items() if n == most]
    if own in first or not first:
        return own if own in starters.LANGUAGES else starters.ENGLISH
    return sorted(first, key=starters.LANGUAGES.index)[0]


# --- how one would read ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Missing:
    """A placeholder without a value: where it comes from, what to do, and the page where that is done."""

    mark: str
    comes_from: str
    if_missing: str
    url: str


@dataclass(frozen=True)
class Preview:
    model: Model
    draft: starters.Draft
    html: SafeString
    missing: list[Missing]
    covered: int
    asked: commitments.Counts

    @property
    def places(self) -> int:
        """In how many places of the text something is missing."""
        return len(filling.unfilled(self.draft.body))


def preview(project: Project, model: Model) -> Preview:
    """The model as the project would get it."""
    draft = starters.drafted(model.starter, project)
    asked = (
        commitments.counts([one.standard for one in model.serves]) if _is_policy(model) else commitments.Counts(0, 0)
    )
    wanted = {row.slug for row in commitments.rows([one.standard for one in model.serves])}
    return Preview(
        model=model,
        draft=draft,
        html=marked(writing.as_html(draft.body)),
        missing=[
            Missing(one.mark, str(one.comes_from), str(one.if_missing), where_to_mend(one.name, project))
            for one in draft.missing
        ],
        covered=sum(tick.commitment in wanted for tick in draft.ticks) if asked.merged else 0,
        asked=asked,
    )


def _is_policy(model: Model) -> bool:
    return model.starter.kind == Kind.POLICY and model.starter.group == "policy"


def marked(html: SafeString) -> SafeString:
    """The HTML of a text with its unfilled placeholders made visible; what stands inside a tag stays as it is."""

    def mark(found: re.Match[str]) -> str:
        return found[1] or format_html('<mark class="unfilled">{}</mark>', mark_safe(found[2]))  # noqa: S308  escaped already

    return mark_safe(FILLS.sub(mark, str(html)))  # noqa: S308  what nh3 let through, and a tag of our own


def where_to_mend(name: str, project: Project) -> str:
    """The page where the value of a placeholder is entered; "" where there is none."""
    if name.startswith("role:"):
        return nav.address("projects:team", **project.address)
    if name in ("standards", "headcount", "project"):
        return nav.address("projects:project-settings", **project.address)
    if name == "scope":
        return nav.address("context:scope", **project.address)
    return ""


@dataclass(frozen=True)
class Left:
    """A placeholder that stands in a draft: its line, why, where that is mended; `value` is what the project says by now."""

    mark: str
    line: int
    sentence: str
    url: str
    value: str


def left_in(revision: Revision) -> list[Left]:
    """What still has to be filled in a draft. Queries only for values that its marks name."""
    left = filling.unfilled(revision.body) if "{{" in revision.body else []
    if not left:
        return []
    values = filling.Values(revision.project, revision.document.language)
    found = []
    for one in left:
        name = one.mark.strip("{}").strip()
        known = name in filling.KNOWN
        found.append(
            Left(
                one.mark, one.line, one.sentence, where_to_mend(name, revision.project) if known else "",
                values.of(name) if known else "",
            )
        )  # fmt: skip
    return found


# --- what a new document is given -----------------------------------------------------------------------------------


def clauses_of(project: Project, starter: starters.Starter) -> list[Clause]:
    """The clauses and controls of the project's standards that a model serves. Two queries."""
    wanted: dict[str, set[str]] = {one.standard: set(one.refs) for one in (*starter.clauses, *starter.controls)}
    rows = Clause.objects.filter(
        standard__in=project.chosen_standards.values("standard"), standard__code__in=list(wanted)
    ).select_related("standard")
    return [clause for clause in rows if clause.ref in wanted[clause.standard.code]]


def group_of(starter: starters.Starter) -> list[MergeGroup]:
    return list(MergeGroup.objects.filter(slug=starter.group)) if starter.group else []


def languages() -> list[tuple[str, Any]]:
    return [(code, Language(code).label) for code in starters.LANGUAGES]

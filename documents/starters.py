"""Starter models of policies and procedures: usable first drafts, as files in fixtures/starters/.

    from documents import starters

    starters.every("de")                                  # all models, German where there is one, English otherwise
    starters.of("quality-policy", "fr")                   # one model; NoSuchStarter if the name is unknown
    draft = starters.draft("quality-policy", project, "fr")
    draft.title, draft.body                               # Markdown, filled from the project, ready to be edited
    draft.missing                                         # placeholders without a value: they still stand in the body
    draft.ticks                                           # which commitment which sentence of the body answers

A model is a Markdown file that opens with a few lines about itself; fixtures/starters/README.md shows how to add one.
No queries and no file are read before the first call; the files are read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from documents import commitments, filling
from pdca.services.reading import Entry, Fault, Faults, Place, open_text, quoted, text_of
from projects.models import Project

FOLDER = "fixtures/starters"
ENGLISH = "en"
LANGUAGES = ("en", "de", "fr")
KINDS = ("policy", "procedure", "process", "instruction", "form", "plan", "manual", "record", "external")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
STEM = re.compile(r"[A-Z]{2,5}(?:-[A-Z0-9]{2,6})?\Z")
ANSWERS = re.compile(r"[ \t]*<!--\s*answers:([^>]*?)-->[ \t]*$", re.MULTILINE)
ITEM = re.compile(r"\A\s*(?:[-*+]|\d+[.)])(?:\s+|\Z)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class StartersFaulty(Exception):
    """The files cannot be used; `faults` says why, with file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, self.faults)))


class NoSuchStarter(LookupError):
    """There is no model of that name."""


@dataclass(frozen=True)
class Serves:
    """A standard (or catalogue of controls) by code, and the clauses (or controls) of it that a model serves."""

    standard: str
    refs: tuple[str, ...]


@dataclass(frozen=True)
class Starter:
    """A model in one language.

    `kind` is a kind of document, `group` the merge group of mandatory documents it belongs to ("" for none), `code` a
    suggestion for its code, `review_months` the interval of its review, `step` the code of the method's step.
    """

    slug: str
    language: str
    title: str
    summary: str
    kind: str
    group: str
    code: str
    review_months: int
    step: str
    clauses: tuple[Serves, ...]
    controls: tuple[Serves, ...]
    languages: tuple[str, ...]
    body: str = field(repr=False)

    def clauses_for(self, standards: Iterable[str]) -> list[Serves]:
        """What the model serves of the standards named by code: first choice for a project that has some of them."""
        codes = set(standards)
        return [one for one in self.clauses if one.standard in codes]


@dataclass(frozen=True)
class Tick:
    """A commitment and the sentence of the draft that answers it, letter by letter as it stands in the body."""

    commitment: str
    sentence: str


@dataclass(frozen=True)
class Draft:
    """A first text for a project. `missing` are placeholders the project has no value for; they stand in `body`."""

    starter: Starter
    title: str
    body: str
    language: str
    missing: list[filling.Placeholder]
    ticks: list[Tick]


def every(language: str = ENGLISH) -> list[Starter]:
    """All models in a language, English where it has none; by kind, then by title."""
    found = [_in(languages, language) for languages in _loaded().values()]
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.title.casefold(), one.slug))


def of(slug: str, language: str = ENGLISH) -> Starter:
    """One model in a language, English where it has none; raises NoSuchStarter."""
    languages = _loaded().get(slug)
    if languages is None:
        raise NoSuchStarter(f"There is no model {slug!r}. Choose one of: {', '.join(sorted(_loaded()))}.")
    return _in(languages, language)


def draft(slug: str, project: Project, language: str = ENGLISH) -> Draft:
    """A model filled from the project: sections of its standards only, values for placeholders, commitments ticked."""
    return drafted(of(slug, language), project)


def drafted(starter: Starter, project: Project) -> Draft:
    """The same for a model at hand."""
    values = filling.Values(project, starter.language)
    filled = filling.filled_with(starter.body, values)
    wanted = {row.slug for row in commitments.rows(values.standards)}
    ticks: dict[str, str] = {}
    for slugs, sentence, _line in answers(filled.text):
        for slug in slugs:
            if slug in wanted:
                ticks.setdefault(slug, sentence)
    order = [one.slug for one in commitments.every() if one.slug in ticks]
    return Draft(
        starter=starter,
        title=starter.title,
        body=without_comments(filled.text),
        language=starter.language,
        missing=filled.missing,
        ticks=[Tick(slug, ticks[slug]) for slug in order],
    )


def answers(text: str) -> list[tuple[list[str], str, int]]:
    """The marked lines: the commitments each answers, its sentence without the list mark, its line (from 1)."""
    found = []
    for mark in ANSWERS.finditer(text):
        start = text.rfind("\n", 0, mark.start()) + 1
        sentence = ITEM.sub("", text[start : mark.start()]).strip()
        found.append((mark[1].replace(",", " ").split(), sentence, text.count("\n", 0, mark.start()) + 1))
    return found


def without_comments(text: str) -> str:
    """The text as people read it: no marks, no gaps where a section was left out."""
    return re.sub(r"\n{3,}", "\n\n", COMMENT.sub("", ANSWERS.sub("", text))).strip() + "\n"


def _in(languages: dict[str, Starter], language: str) -> Starter:
    return languages.get(language) or languages[ENGLISH]


# --- reading --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _loaded() -> dict[str, dict[str, Starter]]:
    return read(Path(settings.ROOT) / FOLDER, FOLDER)


def read(folder: Path, name: str = "") -> dict[str, dict[str, Starter]]:
    """The models of a folder by name and language; raises StartersFaulty naming every fault at once."""
    faults = Faults()
    name = name or folder.name
    english = {path.stem: path for path in sorted(folder.glob("*.md")) if path.name != "README.md"}
    if not english:
        faults.add(Place(name, 1), "the folder holds no model (.md).")
    others = {(path.stem, path.parent.name): path for path in sorted(folder.glob("*/*.md"))}
    texts: dict[tuple[str, str], tuple[Entry, str, int] | None] = {}
    for slug, path in english.items():
        texts[slug, ENGLISH] = _opened(path, f"{name}/{path.name}", faults)
    for (slug, language), path in others.items():
        shown = f"{name}/{language}/{path.name}"
        if language not in LANGUAGES or language == ENGLISH:
            faults.add(Place(shown, 1), f"{quoted(language)} is not a language of translations. Known: de, fr.")
        elif slug not in english:
            faults.add(
                Place(shown, 1), f"there is no English model {quoted(slug)} that this could be a translation of."
            )
        else:
            texts[slug, language] = _opened(path, shown, faults)
    found: dict[str, dict[str, Starter]] = {}
    for slug in english:
        here = tuple(language for language in LANGUAGES if (slug, language) in texts)
        if opened := texts[slug, ENGLISH]:
            original = _original(slug, here, *opened, faults)
            found[slug] = {ENGLISH: original}
            for language in here[1:]:
                if other := texts[slug, language]:
                    found[slug][language] = _translation(original, language, *other, faults)
    if faults:
        raise StartersFaulty(faults)
    return found


def _opened(path: Path, name: str, faults: Faults) -> tuple[Entry, str, int] | None:
    """What stands between the dashes at the top, the text after it, and the line in which that text begins."""
    text = text_of(path, name, faults)
    if text is None:
        return None
    lines = text.splitlines(keepends=True)
    ends = [at for at, line in enumerate(lines) if line.strip() == "---"]
    if len(ends) < 2 or ends[0] != 0:
        faults.add(Place(name, 1), "the file must open with lines about itself between --- and ---.")
        return None
    entry = open_text("\n" + "".join(lines[1 : ends[1]]), name, faults)  # the empty line keeps the numbers of lines
    if entry is None:
        return None
    return entry, "".join(lines[ends[1] + 1 :]), ends[1] + 2


def _original(slug: str, here: tuple[str, ...], entry: Entry, body: str, line: int, faults: Faults) -> Starter:
    entry.name_it(f"model {slug}")
    if not NAME.match(slug):
        entry.fault("title", "the name of the file may hold small letters, digits and - only.")
    code = entry.text("code", limit=12)
    if code and not STEM.match(code):
        entry.fault("code", f"'code' is written like POL-QUA, not {quoted(code)}.")
    starter = Starter(
        slug=slug,
        language=ENGLISH,
        title=str(entry.text("title", limit=200)),
        summary=str(entry.text("summary", limit=300)),
        kind=str(entry.text("kind", among=KINDS)),
        group=str(entry.text("group", limit=80, required=False)),
        code=str(code),
        review_months=entry.whole("review_months", least=1, most=60),
        step=str(entry.text("step", limit=80)),
        clauses=_serves(entry, "clauses", required=True),
        controls=_serves(entry, "controls", required=False),
        languages=here,
        body=_body(entry, body, line, faults),
    )
    entry.done()
    return starter


def _translation(original: Starter, language: str, entry: Entry, body: str, line: int, faults: Faults) -> Starter:
    """Says its title and summary only; the rest is that of the English model."""
    entry.name_it(f"model {original.slug} ({language})")
    title = str(entry.text("title", limit=200))
    summary = str(entry.text("summary", limit=300))
    text = _body(entry, body, line, faults)
    entry.done()
    return Starter(**{**vars(original), "language": language, "title": title, "summary": summary, "body": text})


def _serves(entry: Entry, key: str, *, required: bool) -> tuple[Serves, ...]:
    found = []
    for one in entry.entries(key, "standard", required=required):
        one.name_it(entry.what)
        standard, refs = one.text("standard", limit=80), one.texts("refs")
        if standard in {other.standard for other in found}:
            one.fault("standard", f"{standard} is named twice under {quoted(key)}.")
        if len(set(refs)) < len(refs):
            one.fault("refs", f"a clause of {standard} is named twice.")
        found.append(Serves(str(standard), tuple(map(str, refs))))
        one.done()
    return tuple(found)


def _body(entry: Entry, body: str, line: int, faults: Faults) -> str:
    """The text itself, checked: placeholders, sections and marked sentences are such as exist."""

    def fault(at: int, message: str) -> None:
        faults.add(Place(entry.file, line + at), f"{entry.what}: {message}")

    if not body.strip():
        fault(0, "there is no text.")
    for wrong in filling.pieces(body)[1]:
        fault(body.count("\n", 0, wrong.at), f"{wrong.mark}: {wrong.sentence}")
    for mark in filling.MARK.finditer(body):
        name = mark[1].strip()
        if name[:1] not in ("#", "/") and name not in filling.KNOWN:
            fault(body.count("\n", 0, mark.start()), f"{mark[0]} is not a known placeholder.")
    known = {one.slug for one in commitments.every()}
    for slugs, sentence, at in answers(body):
        if not sentence:
            fault(at - 1, "a mark “answers” needs its sentence before it, on the same line.")
        for slug in slugs or [""]:
            if slug not in known:
                fault(at - 1, f"{quoted(slug)} is not a commitment of {commitments.FILE}.")
    for comment in COMMENT.finditer(body):
        if not ANSWERS.match(body, comment.start()):
            fault(body.count("\n", 0, comment.start()), "a comment may only say “answers: …”, at the end of a line.")
    for at, text in enumerate(body.splitlines()):
        if text.startswith("# "):
            fault(at, "a text begins with headings of the second level (##); the title stands above.")
    return body

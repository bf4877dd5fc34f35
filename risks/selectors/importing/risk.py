"""What a spreadsheet would do to the register of risks. Six queries, however many rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects import access
from risks import profiles, sheet_values
from risks.asset_cells import asset_names
from risks.models import Asset, RatingKind, Risk, RiskAsset, SheetImport
from risks.profiles import Discipline
from risks.selectors import criteria
from risks.sheet_columns import FACT_FIELDS, MARKS, RISKS
from sheets import cells, values
from sheets.columns import Column, Sort, plain
from sheets.plan import Action, Line, Plan, Read, Reader, compared, concluded, parsers, skipped, unreadable
from sheets.workbook import Sheet

COLUMNS = {column.field: column for column in RISKS}
SET_BY_VALUE = ("title", "category", "owner", "cause", "event", "outcome", "existing_controls", "review_on")


class World:
    """What the rows are compared with."""

    def __init__(self, record: SheetImport) -> None:
        project = record.project
        self.edition = criteria.in_force(project)
        scales = self.edition.criteria if self.edition is not None else None
        self.scales = {
            "likelihood": [one.name for one in scales.likelihood] if scales else [],
            "consequence": [one.name for one in scales.consequence] if scales else [],
        }
        self.risks = {risk.number: risk for risk in Risk.objects.filter(project=project).select_related("owner")}
        assets = list(Asset.objects.filter(project=project).order_by("-retired_at", "-number"))
        self.assets = {asset.number: asset for asset in assets}
        self.assets_by_name = {plain(asset.name): asset for asset in assets}  # one in use before a retired one
        self.links: dict[int, list[Asset]] = defaultdict(list)
        by_pk = {asset.pk: asset for asset in assets}
        for risk, asset in RiskAsset.objects.filter(risk__project=project).values_list("risk", "asset"):
            self.links[risk].append(by_pk[asset])
        owners = [risk.owner for risk in self.risks.values() if risk.owner is not None]
        self.members = list(access.people_of(project))
        self.people = cells.People.of([*self.members, *owners])
        self.here = {person.pk for person in self.members}
        self.titles = {plain(risk.title): risk for risk in self.risks.values()}


def plan(record: SheetImport, sheet: Sheet) -> Plan:
    """The dry run of a sheet with its columns mapped."""
    found, reader, world = Plan(), Reader(record, sheet, RISKS), World(record)
    rows = list(reader)
    if sentence := unreadable(reader, rows):
        found.obstacles.append(sentence)
        return found
    if world.edition is None and any(name in reader.at for name in MARKS):
        found.obstacles.append(
            _(
                "Nothing can be rated before top management has approved the risk criteria. Have them approved, or take "
                "the columns of ratings out of the import."
            )
        )
        return found
    read_by = parsers(reader.columns, world.people, world.scales)
    numbers = Counter(_number(read) for read in rows) if record.options.get("match") else Counter()
    for read in rows:
        if sentence := skipped(read, reader.columns):
            title = ", ".join(cells.shown(cell) for cell in read.cells.values())
            found.lines.append(Line(read.row, Action.SKIPPED, title=title, notes=[sentence]))
            continue
        found.lines.append(_line(read, reader, world, read_by, numbers, found))
    return found


def _number(read: Read) -> int | None:
    try:
        return cells.number(read.cells["number"], Risk.PREFIX) if "number" in read.cells else None
    except RuleBroken:
        return None


def _line(
    read: Read, reader: Reader, world: World, read_by: dict[str, Any], numbers: Counter[int | None], whole: Plan
) -> Line:
    line = Line(read.row, title=cells.shown(read.cells.get("title", "")))
    risk = _target(line, read, reader, world, numbers)
    if line.problems:
        concluded(line, is_new=False)
        return line
    line.target, line.label = risk, risk.label if risk is not None else ""
    before = sheet_values.of_risk(risk, world.links.get(risk.pk, [])) if risk is not None else {}
    if risk is not None and "title" not in read.cells:
        line.title = risk.title
    values = _read(line, read, reader, world, read_by, before, risk)
    if risk is None and "title" not in reader.at and values.get("event"):
        line.title = values["title"] = titled(values["event"])
        if line.title == " ".join(values["event"].split()):
            del values["event"]
    if (
        risk is None
        and "title" not in values
        and not any(one.heading == reader.heading("title") for one in line.problems)
    ):
        reader.problem(line, read, "title", _("A risk needs a title."))
    _discipline(line, read, reader, values, before)
    _owner(line, read, reader, world, values, risk)
    _assets(line, read, reader, world, values, whole)
    _rated(line, read, reader, world, values, before, risk)
    for name, value in values.items():
        compared(line, COLUMNS[name], before.get(name), value, world.scales)
    if risk is None and not line.problems and (known := world.titles.get(plain(values["title"]))):
        line.notes.append(_("%(risk)s has the same title: is it the same?") % {"risk": known.label})
    concluded(line, is_new=risk is None)
    return line  # fmt: skip


LONGEST_TITLE = 120


def titled(event: str) -> str:
    """The title of a risk that a sheet only describes: the description where it is short, else its beginning. Pure."""
    line = " ".join(event.split())
    if len(line) <= LONGEST_TITLE:
        return line
    first = line[:LONGEST_TITLE]
    for end in (". ", "; ", ": "):
        if end in first[20:]:
            return first[: first.rindex(end)]
    return f"{first.rsplit(' ', 1)[0]} …" if " " in first else f"{first[:-1]}…"


def _target(line: Line, read: Read, reader: Reader, world: World, numbers: Counter[int | None]) -> Risk | None:
    """The risk that a row changes; None for a new one."""
    if not reader.record.options.get("match") or "number" not in read.cells:
        return None
    try:
        number = cells.number(read.cells["number"], Risk.PREFIX)
    except RuleBroken as refusal:
        reader.problem(line, read, "number", refusal)
        return None
    if numbers[number] > 1:
        said = {"risk": Risk(number=number).label}
        reader.problem(line, read, "number", _("%(risk)s stands in several rows of this sheet.") % said)
    risk = world.risks.get(number)
    if risk is None:
        reader.problem(
            line, read, "number",
            _("There is no %(risk)s in this register. Empty the cell to take the row up as a new risk.")
            % {"risk": Risk(number=number).label},
        )  # fmt: skip
    return risk


def _read(
    line: Line,
    read: Read,
    reader: Reader,
    world: World,
    read_by: dict[str, Any],
    before: dict[str, Any],
    risk: Risk | None,
) -> dict[str, Any]:
    """The typed values of the row, by field; empty cells leave what is there unless they are to empty it."""
    values: dict[str, Any] = {}
    for column in reader.columns:
        name = column.field
        if name == "number":
            continue
        if name not in read.cells:
            if risk is not None and reader.record.options.get("empties") and _may_be_empty(column):
                values[name] = EMPTY.get(column.sort, "")
            continue
        value = read.cells[name]
        if column.sort == Sort.RECORDS:
            is_ours = bool(reader.record.options.get("match"))
            values[name] = asset_names(value, world.assets, world.assets_by_name, is_ours=is_ours)
            continue
        if name in MARKS and before.get(name) is not None and _as_it_is(value, name, before[name], world):
            continue
        try:
            values[name] = read_by[name](value)
        except RuleBroken as refusal:
            reader.problem(line, read, name, refusal)
    return values


EMPTY: dict[str, Any] = {Sort.CHOICES: [], Sort.RECORDS: [], Sort.PERSON: None, Sort.DAY: None, Sort.HOURS: None}


def _may_be_empty(column: Column) -> bool:
    return column.sort != Sort.MARK and column.field not in ("title", "discipline")


def _as_it_is(value: Any, name: str, mark: int, world: World) -> bool:
    """A mark that an older edition gave may lie outside the scales of today: then it comes back as it went."""
    return cells.text(value) in (str(mark), values.said(COLUMNS[name], mark, world.scales))


def _discipline(line: Line, read: Read, reader: Reader, values: dict[str, Any], before: dict[str, Any]) -> None:
    """Whether the facts belong to the discipline, and hold by its profile."""
    if not before:
        values.setdefault("discipline", reader.record.options.get("discipline") or Discipline.GENERAL)
    discipline = values.get("discipline", before.get("discipline"))
    profile = profiles.of(discipline)
    own = {fact.key for fact in profile.facts}
    for name in [name for name in values if name in FACT_FIELDS and name not in own]:
        if values[name] not in (None, "", []):
            reader.problem(
                line, read, name,
                _("This is no question of “%(discipline)s”: choose another discipline or empty the cell.")
                % {"discipline": profile.discipline.label},
            )  # fmt: skip
        del values[name]
    facts = {name: before.get(name) for name in own} | {name: values[name] for name in own if name in values}
    try:
        kept = profiles.checked(discipline, {name: value for name, value in facts.items() if value is not None})
    except RuleBroken as refusal:
        name = getattr(refusal, "field", "")
        reader.problem(line, read, name if name in reader.at else "", refusal)
        return
    for name in own & values.keys():
        values[name] = kept.get(name)


def _owner(line: Line, read: Read, reader: Reader, world: World, values: dict[str, Any], risk: Risk | None) -> None:
    owner = values.get("owner")
    if owner is not None and owner.pk not in world.here and (risk is None or risk.owner_id != owner.pk):
        reader.problem(line, read, "owner", _("%(person)s does not belong to this project.") % {"person": owner})
    if "owner" in values and owner is None and risk is not None and risk.status != "draft":
        reader.problem(line, read, "owner", _("A risk that has left draft keeps an owner."))


def _assets(line: Line, read: Read, reader: Reader, world: World, values: dict[str, Any], whole: Plan) -> None:
    """Assets that nobody knows: refused by name, or taken up with the risks when that was ticked."""
    if "assets" not in values:
        return
    known = [one for one in values["assets"] if not isinstance(one, str)]
    strange = [one for one in values["assets"] if isinstance(one, str)]
    values["assets"] = sorted(known, key=lambda one: one.number)
    if not strange:
        return
    if not reader.record.options.get("new_assets"):
        for name in strange:
            reader.problem(
                line, read, "assets",
                _("“%(name)s” is no asset of this project. Add it first, or let unknown assets be added.")
                % {"name": cells.shown(name)},
            )  # fmt: skip
        return
    for name in strange:
        if len(name) > 200:
            reader.problem(line, read, "assets", _("An asset needs a name of at most 200 characters."))
            continue
        first = next((one for one in whole.also_new if plain(one) == plain(name)), None)
        if first is None:
            whole.also_new.append(name)
        values["assets"].append(first or name)
    values["assets"] = list(dict.fromkeys(values["assets"]))


def _rated(
    line: Line,
    read: Read,
    reader: Reader,
    world: World,
    values: dict[str, Any],
    before: dict[str, Any],
    risk: Risk | None,
) -> None:
    """A rating needs both its marks, and an open risk."""
    for kind in RatingKind.values:
        pair = (f"{kind}_likelihood", f"{kind}_consequence")
        given = [name for name in pair if name in values]
        if not given or all(values[name] == before.get(name) for name in given):
            continue
        if risk is not None and not risk.is_open:
            reader.problem(line, read, given[0], _("%(risk)s is closed: reopen it before it is rated.") % {"risk": risk.label})  # fmt: skip
        for name in pair:
            if name in values:
                continue
            mark = before.get(name)
            if mark is None and not any(one.place == reader.place(read, name) for one in line.problems if one.place):
                reader.problem(
                    line, read, given[0],
                    _("A rating needs both: “%(missing)s” is missing.") % {"missing": COLUMNS[name].label},
                )  # fmt: skip
            elif mark is not None and not 1 <= mark <= len(world.scales[name.partition("_")[2]]):
                reader.problem(
                    line, read, given[0],
                    _("“%(missing)s” (%(mark)s) is outside the scale of today: rate it too.")
                    % {"missing": COLUMNS[name].label, "mark": mark},
                )  # fmt: skip

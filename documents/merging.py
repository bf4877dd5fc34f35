"""Two people's texts from one: what only one of them touched is taken over, where both wrote both stand side by side.

Pure, without queries. Lines are compared, as the texts are written in Markdown: a paragraph is a line, a row of a table too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.translation import gettext as _

MARK = re.compile(r"^⟦.*⟧$", re.MULTILINE)
MOST_LINES = 5_000


class Merged(NamedTuple):
    """The text of both, and in how many places it is still to be decided whose words stay."""

    text: str
    open_places: int


def merged(base: str, mine: str, theirs: str, *, who: str = "") -> Merged:
    """`base` is what both began with. Where both changed the same lines, both stand between marks that people delete."""
    lines: list[str] = []
    places = 0
    for chosen, ours, others in _pieces(base.split("\n"), mine.split("\n"), theirs.split("\n")):
        if chosen is not None:
            lines += chosen
            continue
        places += 1
        lines += [f"⟦ {_('Your words')} ⟧", *ours, f"⟦ {_('Words of %(who)s') % {'who': who or '…'}} ⟧", *others]
        lines.append(f"⟦ {_('End')} ⟧")
    return Merged("\n".join(lines), places)


def has_marks(text: str) -> bool:
    """Whether a text still holds marks of a merge."""
    return bool(MARK.search(text))


Piece = tuple[list[str] | None, list[str], list[str]]


def _pieces(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[Piece]:
    """Lines to take over, or (None, mine, theirs) where both changed the same."""
    if max(len(base), len(mine), len(theirs)) > MOST_LINES:
        yield (mine, [], []) if mine == theirs else (None, mine, theirs)
        return
    at_base = at_mine = at_theirs = 0
    for b1, b2, m1, m2, t1, t2 in _same_everywhere(base, mine, theirs):
        old, ours, others = base[at_base:b1], mine[at_mine:m1], theirs[at_theirs:t1]
        if ours == others or others == old:
            yield ours, [], []
        elif ours == old:
            yield others, [], []
        elif (both := _added(old, ours, others) or _added(old, others, ours)) is not None:
            yield both, [], []
        else:
            yield None, ours, others
        yield base[b1:b2], [], []
        at_base, at_mine, at_theirs = b2, m2, t2


def _added(old: list[str], changed: list[str], longer: list[str]) -> list[str] | None:
    """One changed some lines while the other only added some right before or after them: that is no contradiction."""
    if old and longer[: len(old)] == old:
        return changed + longer[len(old) :]
    if old and longer[-len(old) :] == old:
        return longer[: -len(old)] + changed
    return None


def _same_everywhere(
    base: list[str], mine: list[str], theirs: list[str]
) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Stretches of `base` that stand in both texts, with where they stand; the last one is the empty end."""
    in_mine = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    in_theirs = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    i = k = 0
    while i < len(in_mine) and k < len(in_theirs):
        one, other = in_mine[i], in_theirs[k]
        start, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
        if start < end:
            m1, t1 = one.b + start - one.a, other.b + start - other.a
            yield start, end, m1, m1 + end - start, t1, t1 + end - start
        if one.a + one.size < other.a + other.size:
            i += 1
        else:
            k += 1
    yield len(base), len(base), len(mine), len(mine), len(theirs), len(theirs)

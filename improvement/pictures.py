"""The pictures of nonconformities and proposals: the same for the page and for the PDF. Pure: what is drawn comes from selectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.svg import Bar, Bone, Dot, Node, Rib, Slice, bars, fishbone, grown, pareto, quadrant, tree
from improvement.models import Category, Cause, Nonconformity, Proposal
from improvement.selectors import statistics

MOST_BARS = 10


def whys_svg(record: Nonconformity, causes: Iterable[Cause], *, id: str = "whys", size: str = "wide") -> SafeString:
    """The five whys as a tree: what happened on top, each answer below what it answers."""
    words = dict(Category.choices)
    pairs = [
        (cause.pk, cause.parent_id, Node(cause.text, str(words.get(cause.category, "")), cause.is_root))
        for cause in causes
    ]  # fmt: skip
    root = Node(record.title, record.label, False, grown(pairs))
    title = _("Why %(record)s happened") % {"record": record.label}
    return tree(root, id=id, title=title, marked=_("Root cause"), size=size)


def fishbone_svg(record: Nonconformity, causes: Iterable[Cause], *, id: str = "fishbone") -> SafeString:
    """The same causes by category (Ishikawa); those without a category lie on a bone of their own."""
    ordered = _depth_first(list(causes))
    bones = [
        Bone(str(label), tuple(Rib(cause.text, min(depth, 3), cause.is_root) for cause, depth in ordered if cause.category == key))
        for key, label in Category.choices
    ]  # fmt: skip
    other = tuple(Rib(cause.text, min(depth, 3), cause.is_root) for cause, depth in ordered if not cause.category)
    if other:
        bones.append(Bone(_("Without a category"), other))
    title = _("Causes of %(record)s by category") % {"record": record.label}
    return fishbone(record.title, bones, id=id, title=title, marked=_("Root cause"), more=_("%(n)s more"))


def _depth_first(causes: list[Cause]) -> list[tuple[Cause, int]]:
    """(cause, how deep it lies within its category), each followed by its answers."""
    known = {cause.pk: cause for cause in causes}
    found: list[tuple[Cause, int]] = []

    def under(above: int | None, depth: int) -> None:
        for cause in causes:
            parent = cause.parent_id if cause.parent_id in known else None
            if parent == above:
                same = parent is not None and known[parent].category == cause.category
                found.append((cause, depth if same else 0))
                under(cause.pk, depth + 1 if same else 1)

    under(None, 0)
    return found


def pareto_svg(
    rows: Sequence[statistics.Slice],
    *,
    key: str,
    title: str,
    href: Callable[[str], str] | None = None,
    size: str = "wide",
) -> SafeString:
    """One Pareto chart; `href` makes the address of a row's list from its filter."""
    slices = [Slice(row.label, row.count, href(row.query) if href and row.query else None) for row in rows]
    return pareto(slices, id=f"pareto-{key}-{size}", title=title, size=size, rest=_("all others"), most=MOST_BARS)


def ages_svg(
    buckets: Sequence[statistics.Bucket], *, id: str = "ages", width: float = 520, label_width: float = 150
) -> SafeString:
    """How long the open ones have been known; the oldest in the colour of what is late."""
    kinds = ("done", "prog", "risk", "late", "late")
    rows = [
        Bar(bucket.label, bucket.count, kind, note=str(bucket.count))
        for bucket, kind in zip(buckets, kinds, strict=True)
    ]  # fmt: skip
    return bars(rows, id=id, title=_("Age of open nonconformities"), label_width=label_width, width=width)


def effort_svg(
    proposals: Iterable[Proposal], *, id: str = "benefit-effort", size: str = "wide", links: bool = True
) -> SafeString:
    """Benefit against effort: what brings much for little lies top left."""
    dots = [
        Dot(one.label, one.effort, one.benefit, str(one), one.get_absolute_url() if links else None)
        for one in proposals
        if one.benefit is not None
    ]  # fmt: skip
    corners = (_("Do it now"), _("Plan it"), _("If there is time"), _("Leave it"))
    return quadrant(
        dots, id=id, title=_("Benefit and effort of the proposals"), across=_("effort"), up=_("benefit"), corners=corners,
        size=size,
    )  # fmt: skip

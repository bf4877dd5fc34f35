"""Assets, processes and activities as their list, their page and the forms of risks read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Lower
from django.utils.translation import gettext_lazy as _

from projects.addresses import address
from projects.models import Project
from risks.models import Asset, AssetKind, Risk, RiskAsset, Value

from .register import EVERY, of_owner

MOST_SHOWN = 200
RETIRED, IN_USE = "retired", ""
ICONS = {
    AssetKind.PROCESS: "route",
    AssetKind.ACTIVITY: "activity",
    AssetKind.INFORMATION: "database",
    AssetKind.SOFTWARE: "device-desktop",
    AssetKind.HARDWARE: "server",
    AssetKind.SERVICE: "world",
    AssetKind.PEOPLE: "users",
    AssetKind.SITE: "building",
    AssetKind.EQUIPMENT: "tools",
}
PROPERTIES = (
    ("confidentiality", _("Confidentiality")),
    ("integrity", _("Integrity")),
    ("availability", _("Availability")),
)
WEIGHT = Greatest(*(Coalesce(name, 0) for name, _label in PROPERTIES))
SORTS: dict[str, tuple[Any, ...]] = {
    "number": ("number",),
    "name": (Lower("name"), "number"),
    "kind": ("kind", "number"),
    "owner": (Lower("owner__name"), "number"),
    "value": (WEIGHT.asc(), "number"),
    "risks": ("risk_count", "number"),
}


class Property(NamedTuple):
    """One of C, I and A with its value in words; `value` None where nobody has said it."""

    name: str
    value: int | None
    words: str


def of(project: Project) -> QuerySet[Asset]:
    """The assets of a project with their owners and how many open risks name them."""
    counted = (
        RiskAsset.objects.filter(asset=OuterRef("pk"), risk__is_open=True)
        .order_by()
        .values("asset")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = Asset.objects.filter(project=project).select_related("owner")
    return rows.annotate(risk_count=Coalesce(Subquery(counted), 0))


def offered(project: Project, risk: Risk | None = None) -> QuerySet[Asset]:
    """What the form of a risk offers: what is in use, and what this risk names already. By name."""
    wanted = Q(retired_at__isnull=True)
    if risk is not None:
        wanted |= Q(pk__in=risk.asset_links.values("asset"))
    return Asset.objects.filter(wanted, project=project).order_by(Lower("name"), "number")


def narrowed(
    rows: QuerySet[Asset], wanted: dict[str, Any], *, user: Any = None, people: Iterable[int] = ()
) -> QuerySet[Asset]:
    """Applies the filters of the list (`forms.asset.AssetFilter.wanted`)."""
    state = wanted.get("state", IN_USE)
    if state != EVERY:
        rows = rows.filter(retired_at__isnull=state != RETIRED)
    if kind := wanted.get("kind"):
        rows = rows.filter(kind=kind)
    if owner := wanted.get("owner"):
        rows = of_owner(rows, owner, user, people)
    if value := wanted.get("value"):
        rows = rows.annotate(weight=WEIGHT).filter(weight__gte=int(value))
    if text := wanted.get("q"):
        matches = Q(name__icontains=text) | Q(description__icontains=text)
        if text.upper().startswith(f"{Asset.PREFIX}-") and (number := Asset.number_of(text)) is not None:
            matches |= Q(number=number)
        rows = rows.filter(matches)
    return rows


def in_order(rows: QuerySet[Asset], sort: str = "") -> QuerySet[Asset]:
    """By number, or by one of SORTS; "-" the other way round."""
    name = sort.removeprefix("-")
    columns = SORTS.get(name, SORTS["number"])
    if sort.startswith("-") and name in SORTS:
        first = columns[0]
        return rows.order_by(f"-{first}" if isinstance(first, str) else _down(first), *columns[1:])
    return rows.order_by(*columns)


def _down(column: Any) -> Any:
    return column.expression.desc() if hasattr(column, "expression") else column.desc()


def properties_of(asset: Asset) -> list[Property]:
    words = dict(Value.choices)
    return [
        Property(str(label), value, str(words.get(value, "")))
        for name, label in PROPERTIES
        for value in (getattr(asset, name),)
    ]


def dressed(rows: Iterable[Asset], project: Project, people: Iterable[int] | None = None) -> list[Asset]:
    """Puts on each row what the template prints. No query."""
    rows, kinds, slugs = list(rows), dict(AssetKind.choices), project.address
    for asset in rows:
        asset.href = address("risks:asset-detail", **slugs, number=asset.label)
        asset.kind_word, asset.kind_icon = kinds[asset.kind], ICONS[AssetKind(asset.kind)]
        asset.properties = [one for one in properties_of(asset) if one.value is not None]
        asset.has_lost_owner = people is not None and asset.owner_id is not None and asset.owner_id not in people
    return rows


def risks_of(asset: Asset) -> list[Risk]:
    """The risks that name an asset, open ones first, the highest level first. One query."""
    rows = Risk.objects.filter(asset_links__asset=asset).select_related("owner")
    return list(rows.order_by("-is_open", F("current_level").desc(nulls_last=True), "number")[:MOST_SHOWN])


def has_any(project: Project) -> bool:
    return Asset.objects.filter(project=project).exists()

"""The records of the registers of risks as the values of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from risks.models import Asset, RatingKind, Risk, SoaEntry
from risks.sheet_columns import FACT_FIELDS, MARKS


def of_risk(risk: Risk, assets: Sequence[Asset], levels: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every field of a risk by the name of its column; `levels` names its level of each kind, as it was called then."""
    found: dict[str, Any] = {
        "number": risk.label, "title": risk.title, "discipline": risk.discipline, "category": risk.category,
        "owner": risk.owner, "cause": risk.cause, "event": risk.event, "outcome": risk.outcome,
        "existing_controls": risk.existing_controls, "assets": sorted(assets, key=lambda one: one.number),
        "review_on": risk.review_on, "status": risk.get_status_display(),
        "acceptance_state": risk.get_acceptance_state_display() if risk.acceptance_state else "",
        "accepted_until": risk.accepted_until,
    }  # fmt: skip
    found |= {name: getattr(risk, name) for name in MARKS}
    found |= {f"{kind}_level": (levels or {}).get(kind) for kind in RatingKind.values}
    return found | {name: risk.facts.get(name) for name in FACT_FIELDS}


def of_asset(asset: Asset) -> dict[str, Any]:
    return {
        "number": asset.label, "name": asset.name, "kind": asset.kind, "description": asset.description,
        "owner": asset.owner, "confidentiality": asset.confidentiality, "integrity": asset.integrity,
        "availability": asset.availability,
        "retired": f"{asset.retired_at.date().isoformat()} {asset.retired_because}" if asset.is_retired else "",
    }  # fmt: skip


def of_entry(entry: SoaEntry) -> dict[str, Any]:
    return {
        "ref": entry.ref, "title": entry.title, "theme": entry.theme, "is_applicable": entry.is_applicable,
        "reasons": list(entry.reasons), "justification": entry.justification, "status": entry.status,
        "owner": entry.owner, "target_on": entry.target_on,
    }  # fmt: skip

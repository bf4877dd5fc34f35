"""The published catalogue for tests, and small catalogues of one's own as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import models

from pdca.models import (
    Activity,
    AffinityGroup,
    AffinityMember,
    Catalogue,
    Clause,
    Control,
    ControlTheme,
    MandatoryDocument,
    MergeGroup,
    Phase,
    Standard,
    Step,
    StepLink,
    SuggestedTask,
)
from pdca.selectors import catalogue as catalogue_selector
from pdca.services.catalogue import load

PARENTS_FIRST: list[type[models.Model]] = [
    Catalogue,
    Phase,
    Step,
    StepLink,
    Activity,
    SuggestedTask,
    Standard,
    Clause,
    ControlTheme,
    Control,
    MergeGroup,
    MandatoryDocument,
    AffinityGroup,
    AffinityMember,
]
_rows: dict[type[models.Model], list[dict[str, Any]]] = {}


def publish() -> Catalogue:
    """The method and all standards as `fixtures/` holds them; read from the files once, copied afterwards."""
    if not Catalogue.objects.exists():
        if _rows:
            for model in PARENTS_FIRST:
                model.objects.bulk_create([model(**row) for row in _rows[model]])
        else:
            load()
            _rows.update({model: list(model.objects.values()) for model in PARENTS_FIRST})
    return catalogue_selector.current()


def method_text(
    steps: Sequence[tuple[str, str, Sequence[str]]] = (("1.1", "begin", ()), ("1.2", "go-on", ("1.1",))),
    *,
    code: str = "IMS2",
    edition: str = "1.0",
    activities: int = 1,
    hs: str = "4.1",
) -> str:
    """A method of one phase: each step is (number, code, the numbers it depends on) and has `activities` activities."""
    lines = [
        "methodology:",
        f"  code: {code}",
        f'  version: "{edition}"',
        '  title: "A method"',
        f"  counts: {{phases: 1, steps: {len(steps)}, activities: {len(steps) * activities}}}",
        "phases:",
        "  - code: plan",
        "    number: 1",
        "    title: Plan",
        '    objective: "Decide."',
        "    steps:",
    ]
    for sequence, (number, step, depends) in enumerate(steps, 1):
        lines += [
            f'      - number: "{number}"',
            f"        code: {step}",
            f'        title: "Step {step}"',
            '        objective: "Why."',
            "        origin: seed",
            f"        sequence: {sequence}",
            f'        hs_clauses: ["{hs}"]',
            "        iterative: false",
            '        deliverables: ["Paper"]',
            "        approval: null",
            "        typical_duration_days: 5",
            f"        depends_on: [{', '.join(repr(str(one)) for one in depends)}]",
            "        activities:",
        ]
        for at in range(1, activities + 1):
            lines += [
                f'          - number: "{number}.{at}"',
                f"            code: {step}-{at}",
                f'            title: "Activity {at} of {step}"',
                '            purpose: "What for."',
                '            inputs: ["In"]',
                '            outputs: ["Out"]',
                "            responsible: consultant",
                f'            hs_clauses: ["{hs}"]',
                "            effort_days: 1.5",
                "            origin: derived",
                f'            suggested_tasks: ["First of {step} {at}", "Second of {step} {at}"]',
            ]
    return "\n".join(lines) + "\n"


def standard_text(
    slug: str,
    clauses: Iterable[tuple[str, str | None, str | None, str]],
    *,
    kind: str = "requirements",
    more: str = "",
) -> str:
    """A standard whose clauses are (ref, parent, row of the structure, match); clauses with children are no leaves."""
    clauses = list(clauses)
    parents = {parent for _, parent, _, _ in clauses}
    lines = [
        "standard:",
        f'  code: "{slug.upper()}"',
        f'  slug: "{slug}"',
        f'  title: "Standard {slug}"',
        '  edition: "First edition"',
        f'  kind: "{kind}"',
        '  discipline: "quality"',
        "  uses_hs: true",
        "  certifiable: true",
        '  sources: ["A list"]',
        *([more] if more else []),
        "clauses:",
    ]
    for ref, parent, hs, match in clauses:
        lines += [
            f'- ref: "{ref}"',
            f'  title: "Clause {ref}"',
            "  parent: " + (f'"{parent}"' if parent else "null"),
            f"  leaf: {'false' if ref in parents else 'true'}",
            "  hs: " + (f'"{hs}"' if hs else "null"),
            f"  match: {match}",
            '  intent: "What it wants."',
            "  documented_information: none",
            "  document_names: []",
            "  evidence_examples: []",
        ]
    return "\n".join(lines) + "\n"


def structure_text() -> str:
    """A structure of two chapters: 4 with 4.1, and 9 with 9.2 over 9.2.1 and 9.2.2."""
    rows = [("4", None), ("4.1", "4"), ("9", None), ("9.2", "9"), ("9.2.1", "9.2"), ("9.2.2", "9.2")]
    return standard_text("structure", [(ref, parent, ref, "identical") for ref, parent in rows], kind="structure")


def written(folder: Path, **texts: str) -> list[Path]:
    """Each text in a file of its own: `written(tmp_path, method=...)` gives [tmp_path / "method.yaml"]."""
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths

"""The files of the repository, as the house tests read them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "core",
    "accounts",
    "pdca",
    "projects",
    "jobs",
    "search",
    "approvals",
    "sheets",
    "context",
    "documents",
    "risks",
    "improvement",
    "audits",
    "reports",
    "notifications",
    "portal",
    "ims2",
)
FLOOR = {
    "core": 0,
    "accounts": 1,
    "pdca": 1,
    "projects": 2,
    "jobs": 3,
    "search": 3,
    "approvals": 4,
    "sheets": 4,
    "context": 5,
    "documents": 5,
    "risks": 6,
    "improvement": 6,
    "audits": 7,
    "reports": 9,
    "notifications": 9,
    "portal": 9,
    "ims2": 10,
}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that still exists, tracked or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(ROOT / line for line in sorted(set(listed.splitlines())) if (ROOT / line).is_file())


def python_files(*folders: str) -> list[Path]:
    return [p for p in tracked() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in folders]


def templates() -> list[Path]:
    return [p for p in tracked() if p.suffix in (".html", ".txt") and "templates" in p.relative_to(ROOT).parts]


def texts() -> list[Path]:
    """Files people wrote, without locks and vendored ones."""
    suffixes = {".py", ".html", ".txt", ".md", ".yaml", ".yml", ".toml", ".css", ".js", ".json", ".sh", ""}
    return [
        p
        for p in tracked()
        if p.suffix in suffixes
        and "vendor" not in p.relative_to(ROOT).parts
        and p.name not in ("requirements.lock", "requirements-test.lock", "vendor.lock.json", "LICENSE")
    ]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))

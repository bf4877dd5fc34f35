"""What the repository must not contain, and what has to be there."""

from __future__ import annotations

import re

from tests.house.sources import ROOT, short, texts, tracked

MACHINE = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work|opt/\w+/venv)/[\w.\-]")
REGISTRY = re.compile(r"https?://[^\s\"'<>]*(?:pypi|simple/|artifactory|nexus|registry\.npmjs|verdaccio|/npm/)", re.I)
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|HA" + "CK:")


def found(pattern, *, skip=()) -> list[str]:
    faults = []
    for path in texts():
        if short(path).startswith(skip) or short(path) == "tests/house/test_repository.py":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if pattern.search(line):
                faults.append(f"{short(path)}:{number} {line.strip()[:120]}")
    return faults


def test_no_file_names_a_path_of_one_machine():
    assert found(MACHINE, skip=("fixtures/",)) == []


def test_no_file_names_a_package_registry():
    assert found(REGISTRY, skip=("fixtures/",)) == []


def test_nothing_is_left_unfinished():
    assert found(UNFINISHED, skip=("fixtures/",)) == []


def test_there_are_a_readme_and_a_changelog():
    for name in ("README.md", "CHANGELOG.md"):
        assert (ROOT / name).is_file(), name


def test_links_inside_the_documents_lead_somewhere():
    faults = []
    for path in tracked():
        if path.suffix != ".md":
            continue
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            file, _hash, anchor = target.partition("#")
            goal = (path.parent / file).resolve()
            if not goal.exists():
                faults.append(f"{short(path)}: {target}")
            elif anchor and goal.suffix == ".md" and anchor not in anchors_of(goal):
                faults.append(f"{short(path)}: {target} has no such heading")
    assert not faults, "\n".join(faults)


def anchors_of(path) -> set[str]:
    headings = re.findall(r"^#+\s+(.*)$", path.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}

"""Imports point down the floors: core, accounts and pdca, projects, portal, ims2."""

from __future__ import annotations

import ast
import re

from tests.house.sources import APPS, FLOOR, python_files, short, tree_of

# The installation is told which worker and which settings it has; nothing of a floor above is imported for its words.
# A key that came with the request; `row.pk` of a row that was loaded for the person is another thing.
BY_KEY = re.compile(r"objects\.get\((?:pk|id)=(?![\w.]+\.pk\b)")
ALLOWED = {("core", "ims2")}


def imports_of(tree: ast.Module):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def test_imports_point_down_the_floors():
    faults = []
    for path in python_files(*APPS):
        here = short(path).split("/")[0]
        for line, module in imports_of(tree_of(path)):
            there = module.split(".")[0]
            if there not in FLOOR or there == here or (here, there) in ALLOWED:
                continue
            if FLOOR[there] >= FLOOR[here]:
                faults.append(f"{short(path)}:{line} imports {module}")
    assert not faults, "\n".join(faults)


def test_the_product_imports_nothing_of_tests_or_benchmarks():
    faults = [
        f"{short(path)}:{line} imports {module}"
        for path in python_files(*APPS)
        for line, module in imports_of(tree_of(path))
        if module.split(".")[0] in ("tests", "bench", "pytest")
    ]
    assert not faults, "\n".join(faults)


def test_views_hold_no_queries_of_strangers():
    """No view takes a row by its key alone, and nobody asks guardian which objects somebody may see."""
    faults = []
    for path in python_files(*APPS):
        text = path.read_text(encoding="utf-8")
        is_view = "/views/" in short(path)
        for number, line in enumerate(text.splitlines(), start=1):
            if "get_objects_for_user" in line and "never" not in line:
                faults.append(f"{short(path)}:{number} get_objects_for_user")
            if is_view and BY_KEY.search(line):
                faults.append(f"{short(path)}:{number} {line.strip()}")
    assert not faults, "\n".join(faults)

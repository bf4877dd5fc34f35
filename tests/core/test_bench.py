"""The table of measured figures: a run of one benchmark writes its rows and leaves those of the others."""

from __future__ import annotations

from core.management.commands import bench


def figure(name, median=1.5, **more):
    ratio = {"min": median - 0.5, "median": median, "max": median + 0.5}
    return {"name": name, "size": 1000, "reference": "fixed work", "ratio": ratio, "target": 2.0, "queries": 7} | more


def rows_of(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")][1:]


def test_a_run_replaces_its_own_rows_on_its_own_database_and_no_others(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(f"Before.\n\n{bench.BEGIN}\n{bench.END}\n\nAfter.\n", encoding="utf-8")
    bench.write_table(page, "pages", "sqlite", [figure("home", database="sqlite"), figure("list", database="sqlite")])
    bench.write_table(page, "pages", "postgresql", [figure("home", database="postgresql")])
    bench.write_table(page, "audits", "sqlite", [figure("checklist", database="sqlite", target=None, queries=None)])

    bench.write_table(page, "pages", "sqlite", [figure("home", 1.25, database="sqlite")])

    assert rows_of(page) == [
        ("audits", "checklist", "sqlite", "1,000", "fixed work", "1.00 – **1.50** – 2.00", "", ""),
        ("pages", "home", "sqlite", "1,000", "fixed work", "0.75 – **1.25** – 1.75", "≤ 2", "7"),
        ("pages", "home", "postgresql", "1,000", "fixed work", "1.00 – **1.50** – 2.00", "≤ 2", "7"),
    ]
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.\n") and text.endswith("\nAfter.\n")
    assert text.count("| Benchmark |") == 1

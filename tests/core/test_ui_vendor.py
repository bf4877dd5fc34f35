"""The third-party files of the browser are the ones the lock names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import vendor
from core import nav

ROOT = Path(__file__).resolve().parents[2]
ICON = re.compile(r"""\bicon(?:=|\s+)["']([a-z0-9-]+)["']""")


def test_the_vendored_files_are_those_of_the_lock():
    assert vendor.faults() == []


def test_a_changed_a_missing_and_a_stray_file_are_named(tmp_path, monkeypatch):
    for name in ("kept.css", "changed.js", "stray.js"):
        (tmp_path / name).write_text(name)
    lock = {"files": {"kept.css": vendor.sha256(b"kept.css"), "changed.js": "0", "gone.woff2": "0"}}
    monkeypatch.setattr(vendor, "TARGET", tmp_path)
    monkeypatch.setattr(vendor, "read_lock", lambda: lock)

    assert vendor.faults() == [
        "static/vendor/gone.woff2 is missing.",
        "static/vendor/stray.js is not in the lock.",
        "static/vendor/changed.js was changed: its sha256 is not the one in the lock.",
    ]


def test_the_lock_names_versions_and_digests_but_no_registry():
    text = vendor.LOCK.read_text()
    lock = json.loads(text)

    assert "://" not in text
    assert all(package["integrity"].startswith("sha512-") for package in lock["packages"].values())
    assert all(
        package["licence"] and any("LICENSE" in file for file in package["files"])
        for package in lock["packages"].values()
    )


def test_every_icon_that_a_page_uses_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', (vendor.TARGET / vendor.SPRITE).read_text()))
    used = {
        (name, path.relative_to(ROOT).as_posix())
        for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
        for name in ICON.findall(path.read_text())
    }

    assert drawn == set(json.loads(vendor.LOCK.read_text())["icons"])
    assert len(used) > 20
    assert {(name, path) for name, path in used if name not in drawn} == set()


def test_every_icon_of_the_navigation_is_in_the_sprite():
    drawn = set(json.loads(vendor.LOCK.read_text())["icons"])

    used = {item.icon for group in nav._items.values() for item in group.values()}

    assert used, "the apps have registered their items"
    assert used - drawn == set()

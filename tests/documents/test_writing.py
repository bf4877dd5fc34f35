"""Markdown in, harmless HTML with numbered headings out."""

import re

import pytest

from documents import writing


def test_headings_are_numbered_whatever_was_typed_before_them():
    found = writing.written("# 1. Purpose\n\n## 7.9 Scope\n\n### Deep\n\n# Roles\n\n### Skips\n")

    assert [(h.level, h.number, h.title) for h in found.headings] == [
        (1, "1", "Purpose"), (2, "1.1", "Scope"), (3, "1.1.1", "Deep"), (1, "2", "Roles"), (2, "2.1", "Skips"),
    ]  # fmt: skip
    assert '<h2 id="s-1"><span class="number">1</span> Purpose</h2>' in found.html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "[a](data:text/html,x)",
        "![a](https://elsewhere.example/x.png)", "![a](file:///etc/passwd)", "<style>*{}</style>", "[a](//evil.example)",
        "![x\" onerror=\"alert(1)](picture:1)", "<svg onload=alert(1)>", "| <b onclick=x> |\n|---|\n| a |",
    ],
)  # fmt: skip
def test_nothing_that_runs_or_loads_comes_out(hostile):
    html = writing.as_html(hostile, lambda number: "")

    assert not re.search(r"<[^>]*\bon\w+=", html)
    for bad in ("<script", "<img", 'href="javascript', 'href="data', "<style", 'href="//', "<svg", "<b "):
        assert bad not in html


def test_tables_and_own_pictures_are_shown():
    html = writing.as_html("| a | b |\n|:--|--:|\n| 1 | 2 |\n\n![Map](picture:3) ![gone](picture:4)", {3: "/p/3/"}.get)

    assert '<th class="align-left" scope="col">a</th>' in html and '<td class="align-right">2</td>' in html
    assert '<img src="/p/3/" alt="Map">' in html
    assert '<span class="missing-picture">gone</span>' in html
    assert writing.pictures_in("![Map](picture:3)") == {3}


def test_the_words_without_marks():
    assert writing.plain("# Why\n\nWe **keep**\n`it`.") == "Why\nWe keep it."

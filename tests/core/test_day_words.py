"""Days as people write them, in each language: in rows, in sentences, in headings."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from core import day_words

DAY = dt.date(2028, 3, 8)
LATE = dt.date(2028, 12, 1)


@pytest.mark.parametrize(
    ("language", "short", "long", "full", "month"),
    [
        ("en", "8 Mar 2028", "8 March 2028", "Wednesday 8 March 2028", "Mar"),
        ("de", "8. März 2028", "8. März 2028", "Mittwoch, 8. März 2028", "März"),
        ("fr", "8 mars 2028", "8 mars 2028", "mercredi 8 mars 2028", "mars"),
        ("en-gb", "8 Mar 2028", "8 March 2028", "Wednesday 8 March 2028", "Mar"),
    ],
)
def test_each_language_writes_its_days(language, short, long, full, month):
    with translation.override(language):
        assert day_words.short(DAY) == short
        assert day_words.long(DAY) == long
        assert day_words.full(DAY) == full
        assert day_words.month(DAY) == month


@pytest.mark.parametrize(
    ("language", "said"), [("en", "1 Dec"), ("de", "1. Dez."), ("fr", "1 déc.")],
)  # fmt: skip
def test_the_year_is_left_out_where_it_goes_without_saying(language, said):
    with translation.override(language):
        assert day_words.short(LATE, with_year=False) == said
        assert day_words.long(LATE, with_year=False) == day_words.long(LATE).removesuffix(" 2028")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "8 Mar 2028 | 8 March 2028 | 8 March | Wednesday 8 March 2028 | 9 Mar, 00:30 | 9 March 2028, 00:30 CET | Mar"),
        ("de", "8. März 2028 | 8. März 2028 | 8. März | Mittwoch, 8. März 2028 | 9. März, 00:30 | 9. März 2028, 00:30 CET | März"),
        ("fr", "8 mars 2028 | 8 mars 2028 | 8 mars | mercredi 8 mars 2028 | 9 mars, 00:30 | 9 mars 2028, 00:30 CET | mars"),
    ],
)  # fmt: skip
def test_templates_say_the_same_on_the_clock_of_the_reader(language, said):
    page = Template(
        "{{ on|short_day }} | {{ on|long_day }} | {{ on|long_day:False }} | {{ on|full_day }} | {{ at|short_moment:False }} | "
        "{{ at|long_moment:True }} | {{ on|short_month }}{{ none|short_day }}{{ none|long_day }}{{ none|full_day }}"
    )
    at = dt.datetime(2028, 3, 8, 23, 30, tzinfo=dt.UTC)

    with translation.override(language), timezone.override("Europe/Zurich"):
        assert page.render(Context({"on": DAY, "at": at, "none": None})) == said


def test_no_page_and_no_module_writes_a_day_in_an_order_of_its_own():
    """ "j M Y" reads right in English alone; `day_words` knows the others."""
    own = re.compile(r"""\|date:["'][^"']*\b[jl],? [^"']*["']|date_format\([^()]*["'][jl][ ,][^"']*["']""")
    root = Path(__file__).parents[2]
    apps = [path.parent for path in root.glob("*/__init__.py") if path.parent.name != "tests"]
    files = [*(root / "templates").rglob("*.html"), *(root / "templates").rglob("*.txt")]
    files += [path for app in apps for path in app.rglob("*.py")]

    found = [f"{path.relative_to(root)}: {hit}" for path in files for hit in own.findall(path.read_text())]

    assert len(files) > 500 and found == []

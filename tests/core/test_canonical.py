"""One content has one text, whatever built it."""

import datetime as dt
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import canonical


def test_the_order_of_keys_does_not_matter():
    assert canonical.text({"b": 1, "a": [True, None]}) == '{"a":[true,null],"b":1}'
    assert canonical.digest({"b": 1, "a": 2}) == canonical.digest({"a": 2, "b": 1})


def test_two_unicode_forms_of_a_name_are_one():
    composed, decomposed = "Zoë", unicodedata.normalize("NFD", "Zoë")

    assert composed != decomposed
    assert canonical.digest(composed) == canonical.digest(decomposed)


def test_moments_are_written_in_utc_to_the_microsecond():
    zurich = dt.timezone(dt.timedelta(hours=2))

    assert canonical.plain(dt.datetime(2026, 7, 1, 14, 0, 0, 5, zurich)) == "2026-07-01T12:00:00.000005Z"
    assert canonical.plain(dt.date(2026, 7, 1)) == "2026-07-01"
    assert canonical.plain(Decimal("1.50")) == "1.50"


@pytest.mark.parametrize("value", [1.5, object(), b"bytes"])
def test_what_has_no_single_text_is_refused(value):
    with pytest.raises(TypeError, match="no canonical form"):
        canonical.text({"value": value})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=12,
)


@given(values)
def test_the_plain_form_is_stable(value):
    assert canonical.plain(canonical.plain(value)) == canonical.plain(value)
    assert canonical.digest(value) == canonical.digest(canonical.plain(value))

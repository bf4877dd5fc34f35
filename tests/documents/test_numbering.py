"""Codes by the project's own pattern."""

import pytest

from core.rules import RuleBroken
from documents import numbering


@pytest.mark.parametrize(
    ("pattern", "taken", "code"),
    [
        ("{kind}-{n:3}", [], "POL-001"),
        ("{kind}-{n:3}", ["POL-001", "POL-7", "PRO-099", "POL-008x"], "POL-008"),
        ("{org}/{n}/{kind}", ["ACME/9/POL", "ACME/99/PRO"], "ACME/10/POL"),
        ("QM.{n:4}", ["qm.0041"], "QM.0042"),
    ],
)
def test_the_next_code_follows_the_highest_of_its_shape(pattern, taken, code):
    assert numbering.following(pattern, kind="policy", org="acme", taken=taken) == code


@pytest.mark.parametrize("pattern", ["", "POL", "{n}{n}", "{year}-{n}", "{kind", "-{n}", "x" * 39 + "{n}", "<b>{n}"])
def test_a_pattern_that_gives_no_code_is_refused(pattern):
    with pytest.raises(RuleBroken):
        numbering.checked(pattern)

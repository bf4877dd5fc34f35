"""Two texts from one: both changes taken over where they do not meet, both kept where they do."""

import random

import pytest

from documents import merging

BASE = "# Purpose\n\nWe keep promises.\n\n# Roles\n\nThe owner decides."


def test_changes_in_different_places_are_both_taken_over():
    mine = BASE.replace("keep promises", "keep every promise")
    theirs = BASE + "\n\n# Records\n\nFive years."

    found = merging.merged(BASE, mine, theirs, who="Lea")

    assert found.open_places == 0
    assert found.text == mine + "\n\n# Records\n\nFive years."


def test_where_both_changed_the_same_line_both_stand_side_by_side():
    mine, theirs = BASE.replace("The owner", "The board"), BASE.replace("The owner", "The head of IT")

    found = merging.merged(BASE, mine, theirs, who="Lea")

    assert found.open_places == 1 and merging.has_marks(found.text)
    assert found.text.split("\n")[-5:] == [
        "⟦ Your words ⟧", "The board decides.", "⟦ Words of Lea ⟧", "The head of IT decides.", "⟦ End ⟧",
    ]  # fmt: skip


def test_the_same_change_of_both_is_one_change():
    both = BASE.replace("promises", "our word")

    assert merging.merged(BASE, both, both) == (both, 0)


@pytest.mark.parametrize("seed", range(40))
def test_no_line_of_either_is_ever_lost_unless_the_other_left_it_out(seed):
    """Random edits (the seed is the test's number): what one added is there afterwards, whatever the other did."""
    dice = random.Random(seed)  # noqa: S311
    base = [f"line {n}" for n in range(dice.randint(0, 12))]

    def edited(who):
        text = list(base)
        for n in range(dice.randint(0, 5)):
            at = dice.randint(0, len(text))
            text[at : at + dice.choice((0, 0, 1, 2))] = [f"{who} {n}"] if dice.random() < 0.8 else []
        return text

    mine, theirs = edited("mine"), edited("theirs")
    found = merging.merged("\n".join(base), "\n".join(mine), "\n".join(theirs)).text.split("\n")

    for line in mine + theirs:
        if line not in base:
            assert line in found, (base, mine, theirs)


def test_texts_without_a_known_beginning_both_stay():
    found = merging.merged("", "Mine", "Theirs")

    assert found.open_places == 1 and "Mine" in found.text and "Theirs" in found.text

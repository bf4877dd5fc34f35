"""The pictures of causes and counts: texts escaped, nothing cut off silently, told in words too, the same bytes twice."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from core.svg import Bone, Dot, Node, Rib, Slice, fishbone, grown, pareto, quadrant, tree

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=120)
NODES = st.recursive(
    st.builds(Node, text=WORDS, note=WORDS, is_marked=st.booleans()),
    lambda below: st.builds(Node, text=WORDS, is_marked=st.booleans(), below=st.lists(below, max_size=3).map(tuple)),
    max_leaves=12,
)


def read(svg):
    found = ET.fromstring(svg)  # noqa: S314
    assert "style=" not in svg
    return found


@given(node=NODES)
def test_any_tree_is_one_picture(node):
    for size in ("wide", "narrow"):
        first = tree(node, title="Why", marked="Root cause", size=size)
        read(first)
        assert first == tree(node, title="Why", marked="Root cause", size=size)


@given(
    bones=st.lists(
        st.builds(Bone, label=WORDS, ribs=st.lists(st.builds(Rib, text=WORDS), max_size=9).map(tuple)), max_size=8
    )
)
def test_any_fishbone_is_one_picture(bones):
    read(fishbone("It broke", bones, title="Causes", marked="Root cause"))


def test_a_tree_says_its_answers_and_marks_roots_in_words():
    causes = [(1, None, Node("Form missing")), (2, 1, Node("Nobody cares", is_marked=True)), (3, 9, Node("Orphan"))]
    picture = tree(Node("No <b>seal</b>", below=grown(causes)), title="Why", marked="Root cause")
    found = read(picture)
    assert "Nobody cares (Root cause)" in found.findtext("{*}desc") and "&lt;b&gt;" in picture
    assert [one.text for one in grown(causes)] == ["Form missing", "Orphan"] and grown(causes)[0].below[0].is_marked


@given(st.lists(st.tuples(WORDS, st.integers(-3, 50)), max_size=20))
def test_a_pareto_adds_up_to_everything(rows):
    slices = [Slice(label, count) for label, count in rows]
    picture = pareto(slices, title="By clause", rest="all others", most=5)
    read(picture)
    if any(one.count > 0 for one in slices):
        assert "100 %" in picture


def test_the_greatest_comes_first_and_the_rest_last():
    picture = pareto([Slice("a", 1), Slice("b", 7, "/b/"), Slice("c", 2)], title="t", rest="others", most=2)
    desc = read(picture).findtext("{*}desc")
    assert desc == "b: 7 (70 %), c: 2 (90 %), others: 1 (100 %)" and 'href="/b/"' in picture


@given(st.lists(st.builds(Dot, label=WORDS, across=st.integers(-2, 9), up=st.integers(-2, 9)), max_size=12))
def test_every_dot_lies_in_the_grid(dots):
    for size in ("wide", "narrow"):
        read(quadrant(dots, title="t", across="effort", up="benefit", size=size))

"""The sentences of a text, so that a sentence can be named as the one that says something. Pure, without queries.

A sentence "stands in" a text when its words stand there in that order, letter by letter, within one paragraph, list item,
heading or cell; line ends and blanks count as one blank. It is looked for as it is typed, with its marks of Markdown, and as
people read it, so that a sentence copied from the page is found as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_OFFERED = 300
FEWEST_WORDS = 3
ENDS = re.compile(r"(?<=[.!?])[\"'»”’)\]*_]*\s+(?=[\"'«„“‘(\[*_]*[A-ZÀ-ÖØ-ÞŒ0-9])")
WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True)
class Block:
    """A paragraph, list item, heading or cell: `typed` with its marks, `read` without; `under` is the heading above."""

    typed: str
    read: str
    is_heading: bool
    under: str


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def _read(token: Token) -> str:
    said = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif child.type == "image" or child.type in ("text", "code_inline"):
            said.append(child.content)
    return one_line("".join(said))


def one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def blocks(text: str) -> list[Block]:
    """The text in its blocks, in order."""
    found: list[Block] = []
    under, is_heading = "", False
    for token in _markdown().parse(text.replace("\x00", "")):
        if token.type == "heading_open":
            is_heading = True
        elif token.type == "heading_close":
            is_heading = False
        elif token.type == "inline" and token.content.strip():
            block = Block(one_line(token.content), _read(token), is_heading, "" if is_heading else under)
            if is_heading:
                under = block.read
            found.append(block)
    return found


def read(sentence: str) -> str:
    """A sentence as people read it, without marks of Markdown."""
    tokens = _markdown().parseInline(one_line(sentence))
    return _read(tokens[0]) if tokens else ""


def is_enough(sentence: str) -> bool:
    """Whether it is a sentence at all, and not a word that stands in every text."""
    return len(one_line(sentence).split()) >= FEWEST_WORDS


def stands_in(sentence: str, found: list[Block]) -> bool:
    """Whether the sentence stands word for word in one of these blocks."""
    wanted = one_line(sentence)
    if not wanted:
        return False
    whole = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    return any(whole.search(block.typed) or whole.search(block.read) for block in found)


@dataclass(frozen=True)
class Part:
    """The sentences under one heading, as they may be chosen."""

    under: str
    sentences: list[str]


def offered(found: list[Block]) -> list[Part]:
    """What can be chosen: each sentence by itself, and a paragraph of several as a whole. At most MOST_OFFERED."""
    parts: list[Part] = []
    count, seen = 0, set()
    for block in found:
        if block.is_heading or not is_enough(block.read):
            continue
        single = [one.strip() for one in ENDS.split(block.typed)]
        whole = [block.typed] if len(single) > 1 else []
        for sentence in [*single, *whole]:
            if sentence in seen or not is_enough(read(sentence)) or not stands_in(sentence, [block]):
                continue
            seen.add(sentence)
            if not parts or parts[-1].under != block.under:
                parts.append(Part(block.under, []))
            parts[-1].sentences.append(sentence)
            if (count := count + 1) >= MOST_OFFERED:
                return parts
    return parts


def closest(asked: str, parts: list[Part], most: int = 3) -> list[str]:
    """The sentences that share most words with what is asked, best first; words alike in their first five letters."""
    words = _stems(asked)
    enough = min(3, max(2, -(-len(words) // 2)))
    scored = []
    for at, sentence in enumerate(one for part in parts for one in part.sentences):
        common = len(words & _stems(sentence))
        if common >= enough:
            scored.append((-common, len(sentence), at, sentence))
    return [sentence for *_rank, sentence in sorted(scored)[:most]]


def _stems(text: str) -> set[str]:
    return {word.casefold()[:5] for word in WORD.findall(text)}

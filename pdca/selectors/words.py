"""Text from an address, made fit to stand in a sentence."""

from __future__ import annotations


def shown(text: str, limit: int = 40) -> str:
    """The text on one line, cut short, without characters that cannot be seen."""
    clean = "".join(character if character.isprintable() else "�" for character in text[: limit + 1])
    return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"

"""Pictures that stand in a text as data, for a press that fetches nothing but what it was given by name."""

from __future__ import annotations

import base64
import binascii
import re

INSIDE = re.compile(r'(<img\b[^>]*?\bsrc=")data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)"')


def apart(html: str) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """The HTML with `asset:` names in place of its pictures, and the pictures by these names."""
    images: dict[str, tuple[str, bytes]] = {}

    def named(found: re.Match) -> str:
        try:
            data = base64.b64decode(found[3])
        except binascii.Error:
            return found[0]
        name = f"picture-{len(images) + 1}"
        images[name] = (found[2], data)
        return f'{found[1]}asset:{name}"'

    return INSIDE.sub(named, html), images

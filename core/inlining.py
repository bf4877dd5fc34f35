"""Styles of a mail where mail programs look for them: on the elements. What only a stylesheet can say stays in the head."""

from __future__ import annotations

import css_inline

# Nothing is fetched: all styles stand in the template's head.
_inliner = css_inline.CSSInliner(keep_at_rules=True, keep_style_tags=False, load_remote_stylesheets=False)


def inlined(html: str) -> str:
    """The document with its styles on the elements; rules for dark screens and narrow ones stay in the head."""
    return _inliner.inline(html)

"""Templates compile, and hold nothing the content security policy would refuse."""

from __future__ import annotations

import re

from django.template import TemplateSyntaxError, engines
from django.template.loader import get_template

from tests.house.sources import short, templates

INLINE = {
    "a style attribute": re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE),
    "a <style> block": re.compile(r"<style\b", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=[\"'](?:application/json|text/template))",
                                       re.IGNORECASE),
    "an event attribute": re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an hx-on attribute": re.compile(r"\shx-on[:\-]", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "text marked as safe": re.compile(r"\|\s*safe\b|autoescape off"),
}  # fmt: skip
# Words of the product itself, with markup on purpose: nothing that a person wrote gets there.
OWN_MARKUP = {"templates/django/forms/field.html"}
PAGES = [path for path in templates() if path.suffix == ".html"]


def name_of(path) -> str:
    parts = path.parts
    return "/".join(parts[len(parts) - parts[::-1].index("templates") :])


def test_every_template_compiles():
    faults = []
    for path in templates():
        try:
            get_template(name_of(path))
        except TemplateSyntaxError as error:
            faults.append(f"{short(path)}: {error}")
    assert not faults, "\n".join(faults)


def test_no_page_holds_what_the_policy_refuses():
    faults = []
    for path in PAGES:
        if "/emails/" in str(path):
            continue  # a mail has no policy; its own tests look at it
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
        for what, pattern in INLINE.items():
            if what.startswith("text") and short(path) in OWN_MARKUP:
                continue
            if found := pattern.search(text):
                faults.append(f"{short(path)}: {what}: {found[0][:80]}")
    assert not faults, "\n".join(faults)


def test_templates_escape_by_default():
    assert engines["django"].engine.autoescape

"""The demo cannot be made before the method is there. A file of its own: the demo of test_seed.py lasts as long as its file."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command


def test_without_a_method_a_sentence_says_what_to_do(db):
    with pytest.raises(CommandError, match="load_catalogue"):
        call_command("seed_demo")

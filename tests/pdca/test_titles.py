"""The list of titles known to the translators is the published method's."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from pdca import titles
from pdca.models import Activity, Phase, Step


@pytest.mark.parametrize(("model", "listed"), [(Phase, "PHASES"), (Step, "STEPS"), (Activity, "ACTIVITIES")])
def test_every_title_of_the_method_is_known_to_the_translators(catalogue, model, listed):
    published = set(model.objects.filter(catalogue=catalogue).values_list("title", flat=True))

    assert {str(title) for title in getattr(titles, listed)} == published


def test_a_title_is_translated_only_while_it_is_the_methods():
    with override("de"):
        assert titles.said("Scope", "Scope") == "Anwendungsbereich"
        assert titles.said("Scope", "Policy") == "Scope"
        assert titles.said("Scope", None) == "Scope"

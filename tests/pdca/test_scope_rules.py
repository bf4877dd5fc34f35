"""What standards say about leaving something out: whole in three languages, and checked when it is loaded."""

from __future__ import annotations

import pytest
from django.utils import translation

from pdca import scope_rules
from pdca.models import Clause, Standard
from pdca.services.catalogue import CatalogueFaulty, load
from tests.factories.pdca import written

RULE = """scope_rules:
- standard: iso-9001-2015
  ref: "4.3"
  where: "4.3"
  requirements: limited
  says: {en: "E", de: "D", fr: "F"}
"""


def test_every_standard_with_requirements_has_a_rule_and_its_clause_exists(published):
    rules = scope_rules.every()

    assert set(rules) == set(Standard.objects.filter(kind="requirements").values_list("slug", flat=True))
    known = set(Clause.objects.values_list("standard__slug", "ref"))
    assert all((rule.standard, rule.ref) in known for rule in rules.values())
    assert {slug for slug, rule in rules.items() if rule.forbids_requirements} == {
        "iso-14001-2015", "iso-14001-2026", "iso-20000-1-2018", "iso-27001-2022", "iso-45001-2018",
    }  # fmt: skip


def test_a_rule_speaks_the_language_of_the_reader():
    rule = scope_rules.every()["iso-27001-2022"]

    said = set()
    for language in ("en", "de-ch", "fr"):
        with translation.override(language):
            said.add(rule.says)
    assert len(said) == 3 and said == set(rule.words)
    with translation.override("it"):
        assert rule.says == rule.words[0]


def test_rules_keep_the_order_asked_for_and_leave_out_what_has_none():
    found = scope_rules.of(["iso-45001-2018", "unknown", "iso-9001-2026"])
    assert [rule.standard for rule in found] == ["iso-45001-2018", "iso-9001-2026"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("part", "other", "says"),
    [
        ("limited", "sometimes", "'requirements' is 'sometimes', which is not known"),
        (', fr: "F"', "", "'fr' is missing"),
        ("iso-9001-2015", "iso-9001-1815", "iso-9001-1815"),
        ('ref: "4.3"', 'ref: "4.33"', "4.33"),
        ("where:", "were:", "'where' is missing"),
    ],
)
def test_a_faulty_rule_is_named_and_nothing_is_loaded(published, tmp_path, part, other, says):
    files = written(tmp_path, rules=RULE.replace(part, other))

    with pytest.raises(CatalogueFaulty) as refused:
        load(files)
    assert any(says in fault.message for fault in refused.value.faults)


@pytest.mark.django_db
def test_a_standard_with_two_rules_is_a_fault(published, tmp_path):
    with pytest.raises(CatalogueFaulty) as refused:
        load(written(tmp_path, rules=RULE + RULE.removeprefix("scope_rules:\n")))
    assert any("used twice" in fault.message for fault in refused.value.faults)

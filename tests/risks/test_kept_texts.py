"""What was typed and not saved, in a real browser: kept for its own form, and never over what others saved meanwhile."""

from __future__ import annotations

import pytest

from risks.models import Risk
from risks.services import risk as risks
from tests.factories.risks import make_risk
from tests.helpers import browser as helper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(chrome, live_server, settings, here):
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    one = helper.Visit(chrome, live_server.url, "kept-texts")
    one.come_in_as(here.manager)
    yield one.page
    one.close()


def keep(page, address, **texts):
    """Types and leaves without saving, once the browser has kept it."""
    page.goto(address)
    for name, text in texts.items():
        page.fill(f"[name={name}]", text)
    page.wait_for_function("() => Object.keys(localStorage).some(name => name.startsWith('draft:'))")


def test_a_text_that_was_left_unsaved_waits_in_its_own_form_only(page, live_server, here, url):
    first, second = (make_risk(here.project, here.manager, title=f"Fire {n}", cause="Old") for n in (1, 2))
    keep(page, live_server.url + url("risk-edit", first), cause="Wiring")

    page.goto(live_server.url + url("risk-edit", second))
    assert page.input_value("[name=cause]") == "Old" and not page.locator(".draft-note").count()

    page.goto(live_server.url + url("risk-edit", first))
    page.wait_for_selector(".draft-note")
    assert page.input_value("[name=cause]") == "Wiring" and page.input_value("[name=title]") == "Fire 1"


def test_a_kept_text_goes_over_nobodys_newer_save(page, live_server, here, url):
    risk = make_risk(here.project, here.manager, title="Fire", cause="Old")
    keep(page, live_server.url + url("risk-edit", risk), cause="Wiring")
    risks.change(
        risk=risk, by=here.manager, version=risk.version, values={"cause": "Lightning", "outcome": "Production stands"}
    )

    page.goto(live_server.url + url("risk-edit", risk))
    page.wait_for_selector(".draft-note")
    assert page.input_value("[name=cause]") == "Wiring" and page.input_value("[name=outcome]") == "Production stands"

    page.locator(".form-actions [type=submit]").click()
    page.wait_for_selector(".conflict")
    assert "Wiring" in page.inner_text(".conflict") and "Lightning" in page.inner_text(".conflict")
    assert "Production stands" not in page.inner_text(".conflict")
    assert Risk.objects.get(pk=risk.pk).cause == "Lightning"

    page.locator(".form-actions [type=submit]").click()
    page.wait_for_url(f"**/{risk.label}/")
    saved = Risk.objects.get(pk=risk.pk)
    assert (saved.cause, saved.outcome) == ("Wiring", "Production stands")
    page.goto(live_server.url + url("risk-edit", risk))
    assert page.locator("form[data-watched]").count() and not page.locator(".draft-note").count()

"""Filters work at once, in a real browser: what the head of the page offers goes with them."""

from __future__ import annotations

import pytest

from tests.factories.risks import make_risk
from tests.helpers import browser as helper

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_export_keeps_to_the_filters_that_were_just_chosen(chrome, live_server, settings, here, url):
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    make_risk(here.project, here.manager, title="Slippery floor", discipline="ohs")
    make_risk(here.project, here.manager, title="Exchange rate")
    one = helper.Visit(chrome, live_server.url, "filtered-export")
    one.come_in_as(here.manager)
    page = one.page
    page.goto(live_server.url + url("risk-list"))

    page.locator(".filters select[name=discipline]").first.select_option("ohs")
    page.wait_for_url("**/?discipline=ohs")

    export = page.locator(f"#head-actions a[href^='{url('export-risks')}']")
    page.wait_for_selector("#risk-list:not(:has-text('Exchange rate'))")
    assert export.get_attribute("href") == f"{url('export-risks')}?discipline=ohs"
    one.close()

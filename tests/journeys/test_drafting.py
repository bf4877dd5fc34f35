"""Drafting the integrated policy of a project with three standards from its model, to the checklist."""

from __future__ import annotations

import pytest

from documents.models import Document
from projects.models import Project
from tests.helpers.browser import check

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_consultant_drafts_the_integrated_policy_from_its_model(visit, chrome):
    project = Project.objects.select_related("organization").get(organization__slug="alpenblick", slug="ims")
    assert project.chosen_standards.count() == 3
    one = visit("consultant@demo.example")

    one.go(f"/org/alpenblick/{project.slug}/documents/models/")
    one.look("models", chrome)
    with one.page.expect_navigation():
        one.page.locator("#kind-policy ~ * .row-title, .models .row-title").first.click()
    assert one.page.get_by_text("of 8 commitments of the standards are in this text").is_visible()
    one.look("model", chrome)
    one.page.get_by_label("Title").fill("Policy of the group")
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="Create this document").click()

    made = Document.objects.get(project=project, title="Policy of the group")
    assert one.page.url.endswith(f"/{made.label}/r1/edit/"), one.page.url
    assert made.answers.get().group.slug == "policy" and made.owner.email == "consultant@demo.example"
    one.go(f"/org/alpenblick/{project.slug}/documents/{made.label}/r1/commitments/")
    assert one.page.locator(".commitment.is-covered").count() == 8
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="Take back").first.click()
    one.look("checklist", chrome)
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="Name the sentence").first.click()
    one.page.get_by_role("radio").first.check()
    one.look("sentence", chrome)
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="This sentence says it").last.click()
    assert one.page.locator(".commitment.is-covered").count() == 8
    check(one)

"""An address that does not say who may open it stops the start."""

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.urls import include, path

from core.access_check import addresses, every_address_is_declared, opens, public, signed_in


def bare(request):
    return HttpResponse("bare")


@public("a test says so")
def open_page(request):
    return HttpResponse("open")


@signed_in("a test says so")
def own_page(request):
    return HttpResponse("own")


class Urls:
    def __init__(self, *patterns):
        self.urlpatterns = list(patterns)


def test_an_undeclared_address_is_named(settings):
    settings.ROOT_URLCONF = Urls(path("in/", include([path("bare/", bare, name="bare")])), path("open/", open_page))

    faults = every_address_is_declared(None)

    assert [fault.id for fault in faults] == ["core.E001"]
    assert "in/bare/" in faults[0].msg


def test_declared_addresses_pass(settings):
    settings.ROOT_URLCONF = Urls(path("open/", open_page), path("own/", own_page))

    assert every_address_is_declared(None) == []
    assert [found.declares for found in addresses()] == ["public", "signed_in"]


def test_every_address_of_the_product_is_declared():
    assert every_address_is_declared(None) == []


@pytest.mark.django_db
def test_a_signed_in_page_sends_strangers_to_the_sign_in(client, settings):
    settings.ROOT_URLCONF = Urls(path("own/", own_page), path("accounts/login/", open_page, name="account_login"))

    answer = client.get("/own/?x=1")

    assert answer.status_code == 302
    assert "next=/own/%3Fx%3D1" in answer["Location"]


def test_a_link_is_for_who_holds_what_its_view_declares(settings):
    def view(request):
        return HttpResponse("in")

    view.needs = "one"

    def listed(request):
        return HttpResponse("in")

    listed.view_class = type("Listed", (), {"needs": ("one", "other")})
    settings.ROOT_URLCONF = Urls(path("in/", view), path("either/", listed), path("open/", open_page))

    assert opens("/in/?a=b#c", {"one"}) and not opens("/in/?a=b#c", {"other"})
    assert opens("/either/", {"other"}) and not opens("/either/", set())
    assert opens("/open/", set()) and opens("#here", set()) and opens("https://example.org/in/", set())


def test_what_may_not_be_opened_stays_as_words(rf, settings):
    def view(request):
        return HttpResponse("in")

    view.needs = "one"
    settings.ROOT_URLCONF = Urls(path("in/", view))
    request = rf.get("/")
    drawn = Template('{% lead "/in/" label %}')

    request.perms_here = {"one"}
    assert (
        drawn.render(Context({"request": request, "label": "<b>"})) == '<a class="row-title" href="/in/">&lt;b&gt;</a>'
    )
    request.perms_here = set()
    assert drawn.render(Context({"request": request, "label": "<b>"})) == '<span class="row-title">&lt;b&gt;</span>'

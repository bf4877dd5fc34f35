"""An address that does not say who may open it stops the start."""

import pytest
from django.http import HttpResponse
from django.urls import include, path

from core.access_check import addresses, every_address_is_declared, public, signed_in


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

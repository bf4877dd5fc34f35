"""Statements of Applicability. Words before names: soa/begin/ has to stand before soa/iso-27001-2022-annex-a/."""

from django.urls import path

from risks.views import soa

HERE = "org/<slug:org>/<slug:project>/soa"
ONE = f"{HERE}/<slug:slug>"

urlpatterns = [
    path(f"{HERE}/", soa.listing, name="soa-list"),
    path(f"{HERE}/begin/", soa.begin, name="soa-begin"),
    path(f"{HERE}/SOA-<int:number>/", soa.numbered, name="soa-numbered"),
    path(f"{ONE}/", soa.detail, name="soa-detail"),
    path(f"{ONE}/bulk/", soa.bulk, name="soa-bulk"),
    path(f"{ONE}/add/", soa.add, name="soa-add"),
    path(f"{ONE}/picture/", soa.picture, name="soa-picture"),
    path(f"{ONE}/editions/", soa.editions, name="soa-editions"),
    path(f"{ONE}/compare/", soa.compare, name="soa-compare"),
    path(f"{ONE}/xlsx/", soa.xlsx, name="soa-xlsx"),
    path(f"{ONE}/row/<str:ref>/", soa.entry, name="soa-entry"),
    path(f"{ONE}/row/<str:ref>/answer/", soa.answer, name="soa-answer"),
    path(f"{ONE}/row/<str:ref>/link/", soa.link, name="soa-link"),
]

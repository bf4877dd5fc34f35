"""Addresses of what a person sees across projects."""

from django.urls import path

from portal.views import home, portfolio, work

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("my-work/", work.MyWork.as_view(), name="my-work"),
    path("portfolio/", portfolio.Portfolio.as_view(), name="portfolio"),
    path("portfolio/export.xlsx", portfolio.Workbook.as_view(), name="portfolio-export"),
]

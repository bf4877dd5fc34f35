"""Addresses of what a person sees across projects."""

from django.urls import path

from portal.views import home, portfolio, views, work

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("my-work/", work.MyWork.as_view(), name="my-work"),
    path("portfolio/", portfolio.Portfolio.as_view(), name="portfolio"),
    path("portfolio/print/", portfolio.Print.as_view(), name="portfolio-print"),
    path("portfolio/export.xlsx", portfolio.Workbook.as_view(), name="portfolio-export"),
    path("portfolio/seen/", portfolio.Seen.as_view(), name="portfolio-seen"),
    path("portfolio/views/new/", views.Keep.as_view(), name="portfolio-view-keep"),
    path("portfolio/views/<int:pk>/", views.Change.as_view(), name="portfolio-view"),
    path("portfolio/views/<int:pk>/delete/", views.Delete.as_view(), name="portfolio-view-delete"),
]

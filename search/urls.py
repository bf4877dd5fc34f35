"""The one address of search."""

from django.urls import path

from search.views import Search

app_name = "search"

urlpatterns = [path("search/", Search.as_view(), name="search")]

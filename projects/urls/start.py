"""Addresses of this part; see the package."""

from django.urls import path  # noqa: F401

urlpatterns = []

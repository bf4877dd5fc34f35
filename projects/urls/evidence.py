"""Addresses of evidence, whatever it is evidence of, below /org/<org>/<project>/evidence/."""

from django.urls import path

from projects.views import evidence

urlpatterns = [
    path("<int:pk>/file/", evidence.download, name="evidence-file"),
    path("<int:pk>/withdraw/", evidence.withdraw, name="evidence-withdraw"),
    path("<str:kind>/<int:target>/add/", evidence.add, name="evidence-add"),
]

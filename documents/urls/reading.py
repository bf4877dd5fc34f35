"""Published documents, confirming, distribution."""

from django.urls import path

from documents.views import distribution, published

HERE = "org/<slug:org>/<slug:project>/documents"

urlpatterns = [
    path(f"{HERE}/published/", published.index, name="published-list"),
    path(f"{HERE}/published/<str:number>/", published.read, name="published-detail"),
    path(f"{HERE}/published/<str:number>/confirm/", published.confirm, name="published-confirm"),
    path(f"{HERE}/published/<str:number>/file/", published.file, name="published-file"),
    path(f"{HERE}/published/<str:number>/pictures/<int:pk>/", published.picture, name="published-picture"),
    path(f"{HERE}/reading/", distribution.people, name="reading-people"),
    path(f"{HERE}/reading/export/", distribution.people_export, name="reading-export"),
    path(f"{HERE}/reading/<int:pk>/", distribution.person, name="reading-person"),
    path(f"{HERE}/<str:number>/distribution/", distribution.detail, name="document-distribution"),
    path(f"{HERE}/<str:number>/distribution/give/", distribution.give, name="document-distribution-give"),
    path(f"{HERE}/<str:number>/distribution/export/", distribution.export, name="document-distribution-export"),
    path(
        f"{HERE}/<str:number>/distribution/<int:pk>/take-back/", distribution.take_back,
        name="document-distribution-end",
    ),
]  # fmt: skip

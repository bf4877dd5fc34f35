"""Addresses of the published method and standards: the same for everybody who is signed in."""

from django.urls import path, register_converter

from pdca.views import crosswalk, method, standards


class NumberConverter:
    """The number of a step as people say it: "1.7". Anything else is no address."""

    regex = r"[0-9A-Za-z][0-9A-Za-z.\-]{0,11}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(NumberConverter, "step_number")

app_name = "pdca"
urlpatterns = [
    path("method/", method.Method.as_view(), name="method"),
    path("method/steps/<step_number:number>/", method.StepPage.as_view(), name="step"),
    path("standards/", standards.StandardList.as_view(), name="standard-list"),
    path("standards/<slug:slug>/", standards.StandardDetail.as_view(), name="standard-detail"),
    path("crosswalk/", crosswalk.Comparison.as_view(), name="crosswalk"),
    path("crosswalk/export.xlsx", crosswalk.export, name="crosswalk-export"),
]

from django.views.generic import TemplateView

from core.access_check import SignedInMixin


class Portfolio(SignedInMixin, TemplateView):
    signed_in = "x"
    template_name = "portal/nobody.html"

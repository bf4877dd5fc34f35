"""Addresses of risks, by what people do there.

Words before numbers: an address such as risks/assets/ has to stand before risks/R-012/.
"""

from . import acceptances, assets, criteria, heat, imports, register, soa, treatments, workshop

app_name = "risks"

urlpatterns = [
    *criteria.urlpatterns,
    *heat.urlpatterns,
    *workshop.urlpatterns,
    *assets.urlpatterns,
    *treatments.urlpatterns,
    *acceptances.urlpatterns,
    *soa.urlpatterns,
    *imports.urlpatterns,
    *register.urlpatterns,
]

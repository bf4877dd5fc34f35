"""Addresses of the controlled documents, by what people do there.

Words before numbers: an address such as documents/published/ has to stand before documents/D-012/.
"""

from . import mandatory, policies, reading, register, retention, revisions

app_name = "documents"

urlpatterns = [
    *reading.urlpatterns,
    *mandatory.urlpatterns,
    *policies.urlpatterns,
    *retention.urlpatterns,
    *register.urlpatterns,
    *revisions.urlpatterns,
]

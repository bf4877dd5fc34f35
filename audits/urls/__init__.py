"""Addresses of audits, by what people do there.

Words before numbers: an address such as audits/programmes/ has to stand before audits/AU-001/.
"""

from . import audit, checklist, finding, programme, report

app_name = "audits"

urlpatterns = [
    *programme.urlpatterns,
    *checklist.urlpatterns,
    *finding.urlpatterns,
    *report.urlpatterns,
    *audit.urlpatterns,
]

"""Pictures of a text as the browser shows them inside a page: private, never sniffed, and nothing in them runs."""

from __future__ import annotations

from django.http import FileResponse, Http404

from core import files
from documents.models import Picture


def inline(picture: Picture) -> FileResponse:
    """The bytes of a picture, to be shown. Raises Http404 when the storage has lost them."""
    try:
        stored = files.opened(organization_id=picture.organization_id, sha256=picture.sha256)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(stored, content_type=picture.file_type)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cache-Control"] = "private, max-age=3600"
    return response

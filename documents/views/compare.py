"""Two revisions of a document beside each other."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from documents.forms.revision import CompareForm
from documents.selectors import document as documents
from documents.selectors import revision as selectors
from projects.permissions import Perm
from projects.views.base import project_access

from .document import found


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def compare(request: HttpRequest, number: str) -> HttpResponse:
    document = found(request, number)
    rows = selectors.of(document)
    form = CompareForm(request.GET, revisions=rows)
    context = {"project": request.project, "document": document, "form": form, "has_two": len(rows) > 1}
    if rows and form.is_valid():
        before, after = (documents.revision(document, number) for number in form.numbers)
        context |= {
            "before": before,
            "after": after,
            "compared": [before, after],
            "changes": selectors.compared(before, after),
        }
    return render(request, "documents/revision/compare.html", context)

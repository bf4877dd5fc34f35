"""Reports in tests: stored in a folder of the test, printed by a real press, and no broker."""

from __future__ import annotations

import io

import pypdf
import pytest

from projects.models import Project
from projects.permissions import Role
from reports import kinds
from reports.kinds import ReportKind
from tests.factories.projects import grant, make_organization, make_project, make_user


def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in reader(pdf).pages)


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def bells(monkeypatch):
    from jobs import tasks

    rung: list[int] = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **options: rung.append(args[0]))
    return rung


@pytest.fixture
def a_report():
    """Registers a small report for one test: `a_report(select=…, perm=…)`; returns its kind."""
    from projects.permissions import Perm

    before = dict(kinds._kinds)

    def make(select=lambda asked: {}, *, perm=Perm.VIEW_PROJECT, slug="small", template="reports/frame.html", **more):
        kind = ReportKind(slug, "Small report", "For tests.", "file", template, select, perm, **more)
        kinds.register(kind)
        return kind

    yield make
    kinds._kinds.clear()
    kinds._kinds.update(before)


@pytest.fixture
def project(db) -> Project:
    return make_project(make_organization(name="Alpenblick"), name="System 2027", slug="ims")


@pytest.fixture
def manager(project):
    person = make_user(name="Mia Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person

"""A subject made for the tests: a task whose title and description are decided on, with everybody around it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from approvals import subjects
from approvals.services import decision, request
from approvals.subjects import Subject
from projects import journal, telling
from projects.models import Task
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_task, make_user

PROOF = decision.Proof("password", "192.0.2.7")


@pytest.fixture
def a_subject(monkeypatch):
    """Registers the kind "text"; `heard` collects what its record was told."""
    heard = []
    monkeypatch.setattr(telling, "_listeners", [])
    kind = Subject(
        "text", "Text",
        load=lambda project, pk: Task.objects.filter(project=project, pk=pk).first(),
        title=lambda task: task.title,
        snapshot=lambda task: {"title": task.title, "description": task.description},
        document=lambda task: f"<h1>{task.title}</h1><p>{task.description}</p>",
        authors=lambda task: {task.created_by_id} - {None},
        meaning=lambda task: "I approve this text for publication on behalf of top management.",
        url=lambda task: task.get_absolute_url(),
        approved=lambda task, approval, log: heard.append(("approved", approval.edition)),
        ended=lambda task, approval, log: heard.append((str(approval.status), approval.ended_because)),
    )  # fmt: skip
    monkeypatch.setattr(subjects, "_subjects", {"text": kind})
    return heard


@pytest.fixture
def people(db, a_subject):
    """A project with its author, a manager who asks, and five people of top management who decide."""
    project = make_project()
    author, manager = make_user(), make_user()
    grant(author, Role.CONSULTANT, project)
    grant(manager, Role.PROJECT_MANAGER, project)
    deciders = [make_user(name=f"Decider {k}") for k in range(5)]
    for decider in deciders:
        grant(decider, Role.TOP_MANAGEMENT, project)
    text = make_task(project, "Policy", description="We keep promises.", created_by=author)
    return SimpleNamespace(
        project=project, author=author, manager=manager, deciders=deciders, text=text, heard=a_subject
    )


@pytest.fixture
def ask(people):
    """`ask([a, b], [c])`: a request in two steps, by the manager."""

    def make(*steps, needed=0, **more):
        planned = [request.Planned(step, needed) for step in steps or [people.deciders[:1]]]
        return request.ask(
            kind="text",
            project=people.project,
            pk=people.text.pk,
            steps=planned,
            by=more.pop("by", people.manager),
            **more,
        )

    return make


def sign(approval, by, what="approved", comment="", digest=None):
    return decision.decide(
        approval=approval, by=by, decision=what, digest=digest or approval.content.digest, proof=PROOF, comment=comment
    )


def change(text, by, description):
    """What a subject's own service does."""
    with journal.change(text.project, by=by):
        text.description = description
        text._change_reason = ""
        text.save()
        return request.changed(kind="text", record=text, by=by)

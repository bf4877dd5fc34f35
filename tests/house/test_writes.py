"""Who may write past the models: rows with history change through services, so that the history misses nothing."""

from __future__ import annotations

import ast
import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from guardian.models import GroupObjectPermission, UserObjectPermission

from accounts.models import User
from tests.house.sources import APPS, python_files, short, tree_of

WRITERS = ("projects/journal.py", "projects/flow.py", "projects/demo/")
WRITES = {"update", "bulk_update", "bulk_create", "delete"}


def tracked_models() -> set[str]:
    """The names of the models whose changes are kept field by field."""
    return {model.__name__ for model in apps.get_models() if hasattr(model, "history")}


def first_name(node: ast.expr) -> str:
    """The name a chain such as `Task.objects.filter(…).update(…)` begins with."""
    while True:
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Name):
            return node.id
        else:
            return ""


def test_tracked_rows_are_written_by_services_only():
    models, faults = tracked_models(), []
    assert {"Task", "PlanActivity", "PlanStep", "Project"} <= models
    for path in python_files(*APPS):
        if short(path).startswith(WRITERS) or "/services/" in short(path) or "/migrations/" in short(path):
            continue
        for node in ast.walk(tree_of(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
                continue
            if first_name(node.func) in models:
                faults.append(f"{short(path)}:{node.lineno} {ast.unparse(node)[:90]}")
    assert not faults, "\n".join(faults)


def test_views_write_nothing_themselves():
    faults = []
    for path in python_files("projects", "portal", "pdca"):
        if "/views/" not in short(path):
            continue
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"bulk_create", "bulk_update", "create", "get_or_create", "update_or_create"}
                and re.search(r"\.objects\b", ast.unparse(node.func))
            ):
                faults.append(f"{short(path)}:{node.lineno} {ast.unparse(node)[:90]}")
    assert not faults, "\n".join(faults)


@pytest.mark.django_db
def test_guardian_keeps_nothing_in_its_generic_tables_and_no_role_is_a_permission_of_everything(catalogue):
    from projects.permissions import Role
    from tests.factories.projects import grant, make_project, make_user

    person = make_user()
    grant(person, Role.PROJECT_MANAGER, make_project())
    assert not UserObjectPermission.objects.exists()
    assert not GroupObjectPermission.objects.exists()
    roles = Permission.objects.filter(codename__startswith="as_")
    assert not roles.filter(group__isnull=False).exists()
    assert not User.objects.filter(user_permissions__in=roles).exists()


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)

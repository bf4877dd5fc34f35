"""The permission rows that grants of a role refer to, on organizations and on projects."""

from __future__ import annotations

from typing import Any

from .permissions import ROLE_PERMISSIONS, SECOND_FACTOR_ROLES, Role


def ensure_roles(**kwargs: Any) -> None:
    """Creates one permission for each role and kind of scope after a migration; what is there stays."""
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    from accounts.models import Organization

    from .models import Project

    using = kwargs.get("using", "default")
    for model in (Organization, Project):
        kind = ContentType.objects.db_manager(using).get_for_model(model)
        Permission.objects.using(using).bulk_create(
            [Permission(content_type=kind, codename=code, name=name) for code, name in ROLE_PERMISSIONS],
            ignore_conflicts=True,
        )


def holds_a_signing_role(user: Any) -> bool:
    """Whether the person holds, anywhere, a role that signs or opens a whole organization."""
    from .access import grants_as

    return any(grants.exists() for grants in grants_as(user, SECOND_FACTOR_ROLES).values())


def title_of(user: Any) -> str:
    """The words for a person's first role anywhere: what the demo's sign-in page calls them."""
    from .access import grants_as

    held = {
        Role.of_codename(code)
        for grants in grants_as(user, Role).values()
        for code in grants.values_list("permission__codename", flat=True)
    }
    return next((str(role.label) for role in Role if role in held), "")

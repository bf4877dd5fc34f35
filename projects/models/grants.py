"""Who holds which role where: the only permissions that are stored.

One row of guardian's direct-foreign-key models for each (person or team, organization or project, role); the role is the
permission `as_<role>`. A grant on an organization covers all its projects. Rows are given and ended by
`services/team.py`, which writes the journal. (RELIABILITY M13, M14, section 4)
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from projects.permissions import Role


class Grant(models.Model):
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def role(self) -> Role:
        """The role held; needs `permission` loaded."""
        return Role.of_codename(self.permission.codename)

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class OrganizationUserGrant(UserObjectPermissionBase, Grant):
    content_object = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="user_grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class OrganizationGroupGrant(GroupObjectPermissionBase, Grant):
    content_object = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="group_grants")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False


class ProjectUserGrant(UserObjectPermissionBase, Grant):
    content_object = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="user_grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class ProjectGroupGrant(GroupObjectPermissionBase, Grant):
    content_object = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="group_grants")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False

"""A person's own way to look at their portfolio: filters, order and grouping under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """Belongs to one person and is seen by nobody else; `query` is what stands behind the portfolio's address."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=3000, blank=True)
    is_default = models.BooleanField(_("open the portfolio with this view"), default=False)

    class Meta:
        ordering = ["name", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="saved_view_name"),
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(is_default=True), name="saved_view_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('portal:portfolio')}?{self.query or 'view=all'}"

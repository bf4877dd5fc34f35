"""The one-time key of a form that was posted: a form posted twice makes one record."""

from __future__ import annotations

from django.db import models


class FormKey(models.Model):
    key = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=500, blank=True)
    used_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.key

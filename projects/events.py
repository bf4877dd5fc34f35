"""The one signal of the system: journal entries were written and are committed. Receivers get `entries`, a list."""

from django.dispatch import Signal

entries_written = Signal()

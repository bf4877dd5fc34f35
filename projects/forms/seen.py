"""A form whose change is shown before it is saved."""

from __future__ import annotations

from django import forms


class SeenForm(forms.Form):
    """Saves only what the person has seen: `seen` is the mark of the consequence that the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=32)

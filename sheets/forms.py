"""Forms of an import: the file, its sheet, and which column is what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import VersionedForm
from core.once import OnceForm

from .desk import Way
from .models import SheetImport
from .workbook import column_letters

FIELD = "column_"


class FileForm(OnceForm):
    """What every import begins with."""

    file = forms.FileField(
        label=gettext_lazy("Excel workbook (.xlsx)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        allow_empty_file=True, max_length=None, error_messages={"required": gettext_lazy("Choose a file.")},
        help_text=gettext_lazy(
            "As it is: titles above the table, empty rows and several sheets do no harm. At most 5,000 rows. Nothing is "
            "written before you have seen what would change."
        ),
    )  # fmt: skip


class SheetForm(forms.Form):
    """Which sheet, and where its header stands; by GET, so that the page shows what it would read."""

    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"))
    header_row = forms.IntegerField(min_value=1, max_value=100_000, label=gettext_lazy("Row of the headings"))

    def __init__(self, *args: Any, sheets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="of_%s", **kwargs)
        self.fields["sheet"].choices = sheets
        self.fields["header_row"].widget.attrs |= {"inputmode": "numeric"}


class MappingForm(VersionedForm):
    """A list of columns for each field of the register; then how rows are taken (`way.options`, some of these fields)."""

    sheet = forms.CharField(max_length=120, widget=forms.HiddenInput)
    header_row = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    last_row = forms.IntegerField(
        required=False, min_value=1, max_value=1_100_000, label=gettext_lazy("Read no further than row"),
        help_text=gettext_lazy("Empty: to the end of the sheet."),
    )  # fmt: skip
    match = forms.BooleanField(
        required=False, label=gettext_lazy("The numbers are those of this register"),
        help_text=gettext_lazy("Rows with a number change that record. Otherwise every row is new, and gets the next number."),
    )  # fmt: skip
    empties = forms.BooleanField(
        required=False, label=gettext_lazy("Empty cells empty the field"),
        help_text=gettext_lazy("Otherwise an empty cell leaves what is there. What was judged is never emptied."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, record: SheetImport, way: Way, headings: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.way = record, way
        offered_options = [name for name in self.fields if name not in ("version", "sheet", "header_row")]
        for name in set(offered_options) - set(way.options):
            del self.fields[name]
        self.options = [name for name in way.options if name in self.fields]
        offered = [("", _("not in the sheet"))]
        for at, said in headings:
            offered.append((str(at), f"{column_letters(at)} · {said}" if said else column_letters(at)))
        self.columns = [column for column in way.columns if column.is_read]
        for column in self.columns:
            self.fields[FIELD + column.field] = forms.ChoiceField(choices=offered, required=False, label=column.label)

    @property
    def mapped(self) -> dict[str, int]:
        return {
            column.field: int(self.cleaned_data[FIELD + column.field])
            for column in self.columns
            if self.cleaned_data.get(FIELD + column.field)
        }

    @property
    def chosen_options(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in self.options}

    def of_columns(self) -> list[Any]:
        """The fields that every record has."""
        return [self[FIELD + column.field] for column in self.columns if column.field not in self.way.folded]

    def of_facts(self) -> list[Any]:
        """What only some disciplines ask."""
        return [self[FIELD + column.field] for column in self.columns if column.field in self.way.folded]

    @property
    def has_facts(self) -> bool:
        return any(field.value() or field.errors for field in self.of_facts())

    def of_options(self) -> list[Any]:
        return [self[name] for name in self.options]

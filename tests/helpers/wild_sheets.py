"""Spreadsheets as they come: made anew for each test, none of them kept as a file.

upload(wild("title_rows"))      # what a form takes
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def upload(data: bytes, name: str = "risks.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, XLSX)


def book(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """A plain workbook: the name of each sheet, and its rows."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(
        out, {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    )
    day = made.add_format({"num_format": "dd.mm.yyyy"})
    for name, rows in sheets.items():
        sheet = made.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, bool):
                    sheet.write_boolean(at, column, value)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(at, column, dt.datetime.combine(value, dt.time()), day)
                elif isinstance(value, int | float):
                    sheet.write_number(at, column, value)
                else:
                    sheet.write_string(at, column, value)
    made.close()
    return out.getvalue()


def title_rows() -> bytes:
    """A title merged over all columns, a date, an empty row, then the table with empty rows and a signature below."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("Register")
    sheet.merge_range(0, 0, 0, 6, "Risk register of Acme Ltd, information security")
    sheet.write(1, 0, "Last changed:")
    sheet.write(1, 1, "12 May 2026")
    heads = ["No.", "Risk", "Category", "Risk owner", "Likelihood (1-5)", "Impact (1-5)", "Next review date"]
    for column, head in enumerate(heads):
        sheet.write_string(4, column, head)
    sheet.merge_range(5, 2, 6, 2, "Sites")  # one category over two rows
    rows = [
        (5, [1, "Fire in the server room", None, "owner@acme.example", "4 - Likely", 5, "2026-12-31"]),
        (6, [2, "Flood", None, "Olga Owner", 2, "5", "31.12.2026"]),
        (8, [3, "Phishing", "People", "Owner, Olga", "almost certain", "3: Moderate", "31/12/2026"]),
    ]
    for at, row in rows:
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(at, column, value)
    sheet.write_string(11, 0, "Approved by: the board")
    made.add_worksheet("Notes").write(0, 0, "nothing here")
    made.close()
    return out.getvalue()


def groups() -> bytes:
    """Headings over two rows: "Bruttorisiko" and "Restrisiko" over likelihood and consequence each, in German."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    made.add_worksheet("Anleitung").write(0, 0, "So wird die Tabelle ausgefüllt …")
    sheet = made.add_worksheet("Risiken")
    for column, head in enumerate(["Nr.", "Risikobezeichnung", "Risikoeigner"]):
        sheet.merge_range(0, column, 1, column, head)
    sheet.merge_range(0, 3, 0, 5, "Bruttorisiko")
    sheet.merge_range(0, 6, 0, 8, "Restrisiko")
    for start in (3, 6):
        for offset, head in enumerate(["Eintrittswahrscheinlichkeit", "Schadensausmaß", "Risikowert"]):
            sheet.write_string(1, start + offset, head)
    for column, value in enumerate([1, "Brand", "Olga Owner", 4, 5]):
        sheet.write(2, column, value)
    sheet.write_formula(2, 5, "=D3*E3", None, 20)
    for column, value in enumerate([2, 3], start=6):
        sheet.write(2, column, value)
    sheet.write_formula(2, 8, "=G3*H3", None, 6)
    made.close()
    return out.getvalue()


def french() -> bytes:
    return book(Risques=[
        ["Registre des risques", None, None, None],
        [],
        ["N°", "Intitulé", "Propriétaire du risque", "Probabilité", "Gravité", "Date de revue", "Conséquences"],
        [1, "Panne de courant", "owner@acme.example", 3, 4, dt.date(2027, 1, 31), "La production s'arrête pendant des heures."],
    ])  # fmt: skip


def formulas() -> bytes:
    """Titles and marks that are computed; what was never computed is nothing."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("Risks")
    for column, head in enumerate(["Title", "Likelihood", "Impact"]):
        sheet.write_string(0, column, head)
    sheet.write_formula(1, 0, '=CONCATENATE("Fire"," in the hall")', None, "Fire in the hall")
    sheet.write_formula(1, 1, "=1+2", None, 3)
    sheet.write_formula(1, 2, "=2*2", None, 4)
    sheet.write_string(2, 0, "=1+1")  # text that only looks like one
    sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    made.close()
    return out.getvalue()


def hidden() -> bytes:
    """The lists for the drop-downs stand on a hidden sheet in front."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    lists = made.add_worksheet("Lists")
    for at, word in enumerate(["Title", "Low", "High"]):
        lists.write_string(at, 0, word)
    sheet = made.add_worksheet("Risks")
    for column, head in enumerate(["Title", "Cause"]):
        sheet.write_string(0, column, head)
    sheet.write_string(1, 0, "Theft")
    sheet.write_string(1, 1, "An open door")
    sheet.activate()
    sheet.set_first_sheet()
    lists.hide()
    made.close()
    return out.getvalue()


def far_corners() -> bytes:
    """Two cells, in opposite corners of a sheet: seventeen thousand million cells for who takes the rectangle."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("Risks")
    sheet.write_string(0, 0, "Title")
    sheet.write_string(1_048_575, 16_383, "far away")
    made.close()
    return out.getvalue()


def csv_inside() -> bytes:
    return b"Title;Likelihood\r\nFire;3\r\n"


def locked() -> bytes:
    """How a workbook with a password begins: a container of the old format."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000


def cut_off() -> bytes:
    """The first half of a good file."""
    whole = title_rows()
    return whole[: len(whole) // 2]


def not_a_sheet() -> bytes:
    """A good archive with the right names and nothing in them that could be read."""
    from tests.helpers.bad_files import office

    return office("xlsx", **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row><c"})


def empty() -> bytes:
    return book(Risks=[])


def uncomputed() -> bytes:
    """What a program writes that does not compute: formulas without a value, on the second sheet; its name wants escaping."""
    made = openpyxl.Workbook()
    made.active.title = "Legend"
    made.active.append(["=1+1", "not asked"])
    sheet = made.create_sheet("R & D")
    for row in (
        ["Risk", "Likelihood", "Impact", "Score"],
        ["Fire", "=1+2", "=2*2", "=B2*C2"],
        ["Flood", 2, 3, "=B3*C3"],
    ):
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()

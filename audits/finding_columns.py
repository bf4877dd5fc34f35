"""The columns of the spreadsheet of findings that comes in and goes out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audits.flows import Grade
from audits.models.finding import LONGEST
from sheets.columns import NUMBER_WORDS, OWNER_WORDS, Column, Columns, Sort

GRADE_WORDS = (
    ("major", "nc_major"), ("major nc", "nc_major"), ("hauptabweichung", "nc_major"), ("schwere abweichung", "nc_major"),
    ("kritische abweichung", "nc_major"), ("majeure", "nc_major"), ("nc majeure", "nc_major"),
    ("non conformite majeure", "nc_major"), ("ecart majeur", "nc_major"), ("minor", "nc_minor"), ("minor nc", "nc_minor"),
    ("nebenabweichung", "nc_minor"), ("leichte abweichung", "nc_minor"), ("geringfugige abweichung", "nc_minor"),
    ("mineure", "nc_minor"), ("nc mineure", "nc_minor"), ("non conformite mineure", "nc_minor"), ("ecart mineur", "nc_minor"),
    ("obs", "observation"), ("beobachtung", "observation"), ("hinweis", "observation"), ("remarque", "observation"),
    ("area of concern", "observation"), ("improvement", "ofi"), ("recommendation", "ofi"), ("empfehlung", "ofi"),
    ("verbesserungspotenzial", "ofi"), ("verbesserungspotential", "ofi"), ("verbesserung", "ofi"),
    ("piste d amelioration", "ofi"), ("opportunite d amelioration", "ofi"), ("recommandation", "ofi"),
    ("positive", "strength"), ("good practice", "strength"), ("positiv", "strength"), ("starke", "strength"),
    ("point fort", "strength"), ("bonne pratique", "strength"),
)  # fmt: skip

FINDINGS = Columns((
    Column("number", _("Number"), Sort.NUMBER, 9, (
        *NUMBER_WORDS, "finding no", "finding number", "nr feststellung", "feststellung nr", "no constat",
    )),
    Column("grade", _("Grade"), Sort.CHOICE, 22, (
        "type", "classification", "category", "severity", "grading", "art", "einstufung", "klassifizierung", "kategorie",
        "classement", "gravite", "categorie",
    ), tuple(Grade.choices), GRADE_WORDS),
    Column("statement", _("Statement"), Sort.TEXT, 60, (
        "finding", "findings", "description", "nonconformity", "feststellung", "aussage", "beschreibung", "abweichung",
        "sachverhalt", "constat", "ecart", "non conformite", "description de l ecart",
    ), is_needed=True, most=1_000),
    Column("evidence", _("Evidence"), Sort.TEXT, 60, (
        "objective evidence", "audit evidence", "nachweis", "beleg", "objektiver nachweis", "preuve", "preuve objective",
        "preuve d audit",
    ), most=LONGEST),
    Column("criterion", _("Requirement"), Sort.TEXT, 50, (
        "criterion", "criteria", "audit criterion", "anforderung", "forderung", "kriterium", "auditkriterium", "exigence",
        "critere", "critere d audit",
    ), most=1_000),
    Column("clauses", _("Clauses"), Sort.RECORDS, 34, (
        "clause", "standard clause", "requirement clause", "kapitel", "normkapitel", "norm kapitel", "norm", "abschnitt",
        "chapitre", "chapitres", "article",
    )),
    Column("subject", _("Where"), Sort.LINE, 24, (
        "place", "location", "process", "area", "department", "ort", "wo", "prozess", "bereich", "abteilung", "lieu",
        "processus", "service",
    ), most=200),
    Column("item", _("Process or site"), Sort.LINE, 24, (
        "process site", "site", "standort", "prozess oder standort", "site ou processus", "processus ou site",
    ), most=200),
    Column("audit", _("Audit"), Sort.LINE, 9, ("audit no", "audit number", "audit id", "audit nr", "no audit"), most=40),
    Column("line", _("Line of the checklist"), Sort.LINE, 34, (
        "checklist line", "line", "question", "checkliste", "zeile", "frage", "ligne", "ligne de la liste",
    ), most=400),
    Column("title", _("Title of the audit"), Sort.READ_ONLY, 36),
    Column("status", _("State"), Sort.READ_ONLY, 22, ("status", "zustand", "statut", "etat")),
    Column("respondent", _("Answered by"), Sort.PERSON, 30, (
        *OWNER_WORDS, "auditee", "respondent", "auditierte person", "auditierter", "audite",
    )),
    Column("due_on", _("Response until"), Sort.DAY, 14, (
        "due", "due date", "due on", "respond by", "frist", "termin", "fallig am", "echeance", "delai",
    )),
    Column("response", _("Response"), Sort.READ_ONLY, 60),
    Column("nonconformity", _("Nonconformity"), Sort.READ_ONLY, 14),
    Column("later", _("State of the nonconformity"), Sort.READ_ONLY, 22),
    Column("noted_on", _("Noted on"), Sort.READ_ONLY, 12),
))  # fmt: skip
"""What is read comes back: a number changes that finding, no number notes a new one in the audit that the row names."""

COLUMNS = {column.field: column for column in FINDINGS}
EMPTIES = ("evidence", "criterion", "clauses", "subject", "item", "due_on")
"""What an empty cell empties, where that was chosen."""

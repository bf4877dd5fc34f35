"""The columns of the spreadsheet of nonconformities that comes in and goes out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from improvement.models import Source
from improvement.models.nonconformity import LONGEST
from sheets.columns import NUMBER_WORDS, OWNER_WORDS, Column, Columns, Sort

SOURCE_WORDS = (
    ("audit", "internal_audit"), ("internes audit", "internal_audit"), ("audit interne", "internal_audit"),
    ("external audit", "certification_audit"), ("externes audit", "certification_audit"),
    ("zertifizierungsaudit", "certification_audit"), ("audit de certification", "certification_audit"),
    ("zwischenfall", "incident"), ("vorfall", "incident"), ("unfall", "incident"), ("accident", "incident"),
    ("customer complaint", "complaint"), ("reklamation", "complaint"), ("kundenreklamation", "complaint"),
    ("beschwerde", "complaint"), ("reclamation", "complaint"), ("messung", "monitoring"), ("uberwachung", "monitoring"),
    ("measurement", "monitoring"), ("surveillance", "monitoring"), ("managementbewertung", "management_review"),
    ("management review", "management_review"), ("revue de direction", "management_review"), ("lieferant", "supplier"),
    ("fournisseur", "supplier"), ("vendor", "supplier"), ("mitarbeitende", "observation"), ("staff", "observation"),
    ("employee", "observation"), ("beobachtung", "observation"), ("observation", "observation"),
)  # fmt: skip

NONCONFORMITIES = Columns((
    Column("number", _("Number"), Sort.NUMBER, 9, (
        *NUMBER_WORDS, "nc no", "nc number", "nc id", "car no", "ncr", "ncr no", "abweichung nr", "nr abweichung", "nk nr",
        "no nc",
    )),
    Column("title", _("What happened"), Sort.LINE, 44, (
        "nonconformity", "non conformity", "title", "finding", "subject", "abweichung", "nichtkonformitat", "titel",
        "bezeichnung", "feststellung", "mangel", "non conformite", "titre", "intitule", "constat", "ecart", "issue",
    ), is_needed=True, most=200),
    Column("description", _("In more words"), Sort.TEXT, 40, (
        "description", "details", "beschreibung", "sachverhalt", "detail", "description de l ecart",
    ), most=LONGEST),
    Column("source", _("Source"), Sort.CHOICE, 18, ("origin", "quelle", "herkunft", "origine", "source", "type", "art"),
           tuple(Source.choices), SOURCE_WORDS),
    Column("detected_on", _("Found on"), Sort.DAY, 13, (
        "date", "detected on", "detected", "date found", "reported on", "datum", "festgestellt am", "entdeckt am",
        "date de detection", "constate le", "date of detection",
    )),
    Column("detected_by", _("Found by"), Sort.LINE, 22, (
        "detected by", "reported by", "auditor", "festgestellt durch", "entdeckt durch", "auditeur", "constate par",
    ), most=120),
    Column("place", _("Where"), Sort.LINE, 22, ("place", "location", "ort", "wo", "lieu", "department", "abteilung"), most=200),
    Column("process", _("Process"), Sort.LINE, 22, ("prozess", "processus", "area", "bereich"), most=200),
    Column("site", _("Site"), Sort.LINE, 18, ("standort", "werk", "plant", "location site", "usine"), most=200),
    Column("clauses", _("Clauses"), Sort.RECORDS, 30, (
        "clause", "requirement clause", "standard clause", "kapitel", "normkapitel", "norm", "norm kapitel", "abschnitt",
        "chapitre", "chapitres", "article",
    )),
    Column("requirement", _("Requirement that was not met"), Sort.TEXT, 34, (
        "requirement", "criterion", "audit criterion", "criteria", "anforderung", "kriterium", "forderung", "exigence",
        "critere",
    ), most=LONGEST),
    Column("evidence", _("Objective evidence"), Sort.TEXT, 34, (
        "evidence", "audit evidence", "nachweis", "beleg", "objektiver nachweis", "preuve", "preuve objective",
    ), most=LONGEST),
    Column("suspicion", _("Suspected cause"), Sort.TEXT, 30, (
        "cause", "suspected cause", "vermutete ursache", "ursache", "cause presumee", "root cause", "grundursache",
    ), most=LONGEST),
    Column("grade", _("Grade"), Sort.LINE, 14, (
        "severity", "classification", "category", "grading", "schwere", "einstufung", "klassifizierung", "kategorie",
        "gravite", "classement", "grad",
    ), most=60),
    Column("owner", _("Owner"), Sort.PERSON, 30, (*OWNER_WORDS, "process owner", "action owner", "massnahmenverantwortlicher")),
    Column("correction", _("Correction"), Sort.TEXT, 34, (
        "immediate action", "containment", "containment action", "sofortmassnahme", "sofortmassnahmen", "korrektur",
        "action immediate", "correction immediate",
    ), most=LONGEST),
    Column("correction_due_on", _("Contained until"), Sort.DAY, 13, (
        "correction due", "containment due", "due", "due date", "frist", "termin", "echeance", "delai",
    )),
    Column("analysis_due_on", _("Cause and action known until"), Sort.DAY, 13, ("analysis due", "cause due")),
    Column("is_confidential", _("Confidential"), Sort.YES_NO, 11, ("vertraulich", "confidentiel")),
    Column("recurrence_of", _("Happened before as"), Sort.RECORDS, 12, ("recurrence of", "wiederholung von", "recurrence")),
    Column("status", _("State"), Sort.READ_ONLY, 16, ("status", "zustand", "statut", "etat")),
    Column("next", _("What comes next"), Sort.READ_ONLY, 20),
    Column("next_on", _("Next date"), Sort.READ_ONLY, 13),
    Column("age", _("Age in days"), Sort.READ_ONLY, 9),
    Column("round", _("Round"), Sort.READ_ONLY, 7),
    Column("causes", _("Root causes"), Sort.READ_ONLY, 34),
    Column("actions", _("Corrective actions"), Sort.READ_ONLY, 34),
    Column("criterion", _("Criterion of effectiveness"), Sort.READ_ONLY, 30),
    Column("check_on", _("Checked on"), Sort.READ_ONLY, 13),
    Column("verifier", _("Verified by"), Sort.READ_ONLY, 24),
    Column("verdict", _("Verdict"), Sort.READ_ONLY, 14),
    Column("reported_by", _("Reported by"), Sort.READ_ONLY, 24),
    Column("reported_on", _("Reported on"), Sort.READ_ONLY, 13),
    Column("contained_on", _("Contained on"), Sort.READ_ONLY, 13),
    Column("closed_on", _("Closed on"), Sort.READ_ONLY, 13),
))  # fmt: skip
"""What is read comes back: a number changes that record, no number takes a new one up. The life of a record is its own: it is
written for people and left alone when the file comes back."""

COLUMNS = {column.field: column for column in NONCONFORMITIES}
EMPTIES = (
    "description", "detected_by", "place", "process", "site", "clauses", "requirement", "evidence", "suspicion",
    "correction_due_on", "analysis_due_on", "recurrence_of",
)  # fmt: skip
"""What an empty cell empties, where that was chosen."""

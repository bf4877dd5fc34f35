"""The columns of the spreadsheets of risks, assets and statements that come in and go out.

columns = sheet_columns.of(ImportKind.RISKS)
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from risks import profiles
from risks.models import AssetKind, Implementation, ImportKind, RatingKind, Reason, Value
from risks.profiles import Discipline
from sheets.columns import NUMBER_WORDS, OWNER_WORDS, Column, Columns, Ratings, Sort


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DISCIPLINE_WORDS = (
    ("allgemein", "general"), ("is", "information_security"), ("isms", "information_security"),
    ("it", "information_security"), ("it security", "information_security"), ("cyber", "information_security"),
    ("information security", "information_security"), ("informationssicherheit", "information_security"),
    ("securite de l information", "information_security"), ("umwelt", "environment"),
    ("environnement", "environment"), ("environmental", "environment"), ("oh s", "ohs"), ("ehs", "ohs"),
    ("hse", "ohs"), ("arbeitssicherheit", "ohs"), ("sst", "ohs"), ("health and safety", "ohs"), ("bcm", "continuity"),
    ("business continuity", "continuity"), ("kontinuitat", "continuity"), ("continuite", "continuity"),
    ("akten", "records"), ("chance", "opportunity"), ("opportunite", "opportunity"), ("risk", "general"),
    ("risiko", "general"), ("risque", "general"),
)  # fmt: skip
PROPERTY_WORDS = (
    ("c", "confidentiality"), ("i", "integrity"), ("a", "availability"), ("vertraulichkeit", "confidentiality"),
    ("confidentialite", "confidentiality"), ("integritat", "integrity"), ("integrite", "integrity"),
    ("verfugbarkeit", "availability"), ("disponibilite", "availability"),
)  # fmt: skip

LIKELIHOOD = _words(
    "likelihood probability frequency wahrscheinlichkeit eintrittswahrscheinlichkeit eintretenswahrscheinlichkeit "
    "haufigkeit eintritt probabilite vraisemblance frequence"
)
CONSEQUENCE = _words(
    "consequence consequences impact impacts severity auswirkung auswirkungen ausmass schadensausmass schadenausmass "
    "schadenshohe schaden schwere tragweite gravite severite consequence consequences"
)
"""Words of a heading that make it a column of ratings; which rating it is say the words below."""
RATING_WORDS = {
    RatingKind.INHERENT: _words(
        "inherent inherente inharent inharente gross brutto bruttorisiko anfangsrisiko brut brute initial initiale "
        "before avant"
    ),
    RatingKind.EXPECTED: _words(
        "expected residual target net netto nettorisiko nette rest restrisiko residuel residuelle cible ziel after nach apres "
        "erwartet erwartete attendu attendue prevu prevue verbleibend verbleibende"
    ),
    RatingKind.CURRENT: _words("current today aktuell aktuelle actuel actuelle ist heute"),
}  # fmt: skip

RATINGS = {
    "inherent_likelihood": _("Inherent likelihood"),
    "inherent_consequence": _("Inherent consequence"),
    "inherent_level": _("Inherent level"),
    "current_likelihood": _("Current likelihood"),
    "current_consequence": _("Current consequence"),
    "current_level": _("Current level"),
    "expected_likelihood": _("Expected likelihood"),
    "expected_consequence": _("Expected consequence"),
    "expected_level": _("Expected level"),
}
MARKS = tuple(name for name in RATINGS if not name.endswith("_level"))
RATED = Ratings(
    MARKS, {"likelihood": LIKELIHOOD, "consequence": CONSEQUENCE}, RATING_WORDS, RatingKind.CURRENT, CONSEQUENCE
)
NUMBERED = ("control", "massnahme", "mesure")


def _columns(*columns: Column) -> Columns:
    return Columns(columns, ratings=RATED, numbered=NUMBERED)


FACT_LABELS = {"impact": _("Impact on the environment"), "requirement": _("Why the records are kept")}
"""Where the label of a profile would be taken for another column."""
FACT_ALIASES = {
    "threat": ("bedrohung", "threats", "gefahrdung", "menace", "menaces"),
    "vulnerability": ("vulnerabilities", "schwachstelle", "schwachstellen", "verwundbarkeit", "vulnerabilite"),
    "properties": ("c i a", "cia", "protection goals", "schutzziele", "schutzziel", "dic", "criteres"),
    "aspect": ("environmental aspect", "umweltaspekt", "aspekt", "aspect environnemental"),
    "impact": ("environmental impact", "umweltauswirkung", "umweltauswirkungen", "impact environnemental"),
    "hazard": ("hazards", "gefahr", "danger"),
    "harm": ("injury", "verletzung", "dommage"),
    "mtpd_hours": ("mtpd", "mtd", "max tolerable downtime", "dmia"),
    "rto_hours": ("rto", "recovery time objective", "wiederanlaufzeit"),
}


def _facts() -> tuple[Column, ...]:
    """A column for each question of any profile; what two profiles call alike is one column."""
    found: dict[str, Column] = {}
    for profile in profiles.PROFILES.values():
        for fact in profile.facts:
            known = found.get(fact.key)
            choices = dict(known.choices if known else ()) | dict(fact.choices)
            sort = (
                Sort.HOURS
                if fact.is_hours
                else Sort.CHOICES
                if fact.is_many
                else Sort.CHOICE
                if fact.choices
                else Sort.TEXT
            )
            found[fact.key] = Column(
                fact.key, FACT_LABELS.get(fact.key, fact.label), sort, 24, FACT_ALIASES.get(fact.key, ()),
                tuple(choices.items()), PROPERTY_WORDS if fact.key == "properties" else (),
                most=0 if fact.choices or fact.is_hours else profiles.LONGEST,
            )  # fmt: skip
    return tuple(found.values())


FACTS = _facts()
FACT_FIELDS = frozenset(column.field for column in FACTS)

RISKS = _columns(
    Column(
        "number",
        _("Number"),
        Sort.NUMBER,
        9,
        (*NUMBER_WORDS, "risk id", "risk no", "risk number", "risiko nr", "risiko id", "no risque", "id risque"),
    ),
    Column(
        "title",
        _("Title"),
        Sort.LINE,
        44,
        (
            "risk",
            "risk title",
            "risk name",
            "name",
            "risiko",
            "risikotitel",
            "titel",
            "bezeichnung",
            "risikobezeichnung",
            "risque",
            "intitule",
            "titre",
            "risk opportunity",
            "nom",
            "designation",
        ),
        is_needed=True,
        most=200,
    ),
    Column(
        "discipline",
        _("Discipline"),
        Sort.CHOICE,
        20,
        ("type", "risk type", "disziplin", "bereich", "risikoart", "domaine", "risk area", "area", "art"),
        tuple(Discipline.choices),
        DISCIPLINE_WORDS,
    ),
    Column(
        "category",
        _("Category"),
        Sort.LINE,
        20,
        (
            "risk category",
            "kategorie",
            "risikokategorie",
            "categorie",
            "categorie de risque",
            "theme",
            "group",
            "gruppe",
        ),
        most=80,
    ),
    Column(
        "owner",
        _("Risk owner"),
        Sort.PERSON,
        30,
        (
            *OWNER_WORDS,
            "risikoeigner",
            "risikoeigentumer",
            "risikoverantwortlicher",
            "risikoverantwortliche",
            "proprietaire du risque",
            "responsable du risque",
            "risk holder",
        ),
    ),
    Column(
        "cause",
        _("Cause"),
        Sort.TEXT,
        36,
        ("causes", "ursache", "ursachen", "source", "root cause", "risikoquelle"),
        most=4_000,
    ),
    Column(
        "event",
        _("Event"),
        Sort.TEXT,
        36,
        (
            "description",
            "risk description",
            "scenario",
            "beschreibung",
            "risikobeschreibung",
            "ereignis",
            "szenario",
            "evenement",
            "description du risque",
            "details",
            "what could happen",
        ),
        most=4_000,
        instead_of="title",
    ),
    Column(
        "outcome",
        _("Consequence"),
        Sort.TEXT,
        36,
        (
            "consequences",
            "effect",
            "impact",
            "impacts",
            "folge",
            "folgen",
            "konsequenz",
            "konsequenzen",
            "auswirkung",
            "auswirkungen",
            "schaden",
            "effets",
            "what follows",
        ),
        most=4_000,
    ),
    Column(
        "existing_controls",
        _("Existing controls"),
        Sort.TEXT,
        36,
        (
            "controls",
            "current controls",
            "measures in place",
            "existing measures",
            "bestehende massnahmen",
            "massnahmen",
            "vorhandene massnahmen",
            "kontrollen",
            "mesures existantes",
            "mesures en place",
            "controles existants",
        ),
        most=4_000,
    ),
    Column(
        "assets",
        _("Assets"),
        Sort.RECORDS,
        30,
        (
            "asset",
            "asset process",
            "werte",
            "wert",
            "objekt",
            "prozess",
            "process",
            "actif",
            "actifs",
            "processus",
            "affected assets",
        ),
    ),
    *(Column(name, label, Sort.MARK if name in MARKS else Sort.READ_ONLY, 18) for name, label in RATINGS.items()),
    Column(
        "review_on",
        _("Next review"),
        Sort.DAY,
        13,
        (
            "review",
            "review date",
            "next review date",
            "review on",
            "nachste uberprufung",
            "uberprufung",
            "wiedervorlage",
            "prochaine revue",
            "date de revue",
            "revue",
        ),
    ),
    *FACTS,
    Column("status", _("Status"), Sort.READ_ONLY, 14, ("state", "zustand", "statut", "etat")),
    Column("acceptance_state", _("Acceptance"), Sort.READ_ONLY, 20),
    Column("accepted_until", _("Accepted until"), Sort.READ_ONLY, 13),
)

VALUE_WORDS = (
    ("niedrig", 1), ("gering", 1), ("faible", 1), ("mittel", 2), ("moyen", 2), ("moyenne", 2), ("hoch", 3),
    ("eleve", 3), ("elevee", 3), ("sehr hoch", 4), ("tres eleve", 4), ("tres elevee", 4), ("normal", 2), ("critical", 4),
)  # fmt: skip

ASSETS = _columns(
    Column("number", _("Number"), Sort.NUMBER, 9, (*NUMBER_WORDS, "asset id", "asset no", "inventarnummer")),
    Column(
        "name",
        _("Name"),
        Sort.LINE,
        40,
        (
            "asset",
            "asset name",
            "title",
            "bezeichnung",
            "werte",
            "wert",
            "prozess",
            "process",
            "processus",
            "actif",
            "nom",
            "designation",
            "titel",
        ),
        is_needed=True,
        most=200,
    ),
    Column(
        "kind",
        _("Kind"),
        Sort.CHOICE,
        20,
        ("type", "asset type", "category", "typ", "art", "kategorie", "categorie", "genre"),
        tuple(AssetKind.choices),
        (
            ("data", "information"),
            ("daten", "information"),
            ("donnees", "information"),
            ("informationen", "information"),
            ("application", "software"),
            ("anwendung", "software"),
            ("logiciel", "software"),
            ("server", "hardware"),
            ("materiel", "hardware"),
            ("prozess", "process"),
            ("processus", "process"),
            ("person", "people"),
            ("personal", "people"),
            ("personnel", "people"),
            ("personen", "people"),
            ("standort", "site"),
            ("location", "site"),
            ("building", "site"),
            ("gebaude", "site"),
            ("equipment", "equipment"),
            ("substance", "equipment"),
            ("gerat", "equipment"),
            ("dienst", "service"),
            ("dienstleistung", "service"),
        ),
    ),
    Column(
        "description",
        _("Description"),
        Sort.TEXT,
        50,
        ("beschreibung", "details", "bemerkung", "comment", "remarque"),
        most=4_000,
    ),
    Column("owner", _("Owner"), Sort.PERSON, 30, (*OWNER_WORDS, "asset owner", "process owner", "prozesseigner")),
    Column(
        "confidentiality",
        _("Confidentiality"),
        Sort.CHOICE,
        16,
        ("c", "vertraulichkeit", "confidentialite"),
        tuple(Value.choices),
        VALUE_WORDS,
    ),
    Column(
        "integrity",
        _("Integrity"),
        Sort.CHOICE,
        16,
        ("i", "integritat", "integrite"),
        tuple(Value.choices),
        VALUE_WORDS,
    ),
    Column(
        "availability",
        _("Availability"),
        Sort.CHOICE,
        16,
        ("a", "verfugbarkeit", "disponibilite"),
        tuple(Value.choices),
        VALUE_WORDS,
    ),
    Column("retired", _("Retired"), Sort.READ_ONLY, 24),
)

REASON_WORDS = (
    ("risk", "risk_treatment"), ("risk assessment", "risk_treatment"), ("risiko", "risk_treatment"),
    ("risikobehandlung", "risk_treatment"), ("risque", "risk_treatment"), ("ra", "risk_treatment"),
    ("law", "legal"), ("lr", "legal"), ("gesetz", "legal"), ("gesetzlich", "legal"), ("loi", "legal"),
    ("contract", "contractual"), ("co", "contractual"), ("vertrag", "contractual"), ("contrat", "contractual"),
    ("best practice", "business"), ("bp", "business"), ("br", "business"), ("business", "business"),
    ("stakeholder", "interested_party"),
)  # fmt: skip
STATUS_WORDS = (
    ("open", "not_started"), ("offen", "not_started"), ("nein", "not_started"), ("no", "not_started"),
    ("non", "not_started"), ("todo", "not_started"), ("geplant", "planned"), ("planifie", "planned"),
    ("ongoing", "in_progress"), ("partially", "in_progress"), ("partly", "in_progress"), ("teilweise", "in_progress"),
    ("in umsetzung", "in_progress"), ("in arbeit", "in_progress"), ("en cours", "in_progress"),
    ("partiel", "in_progress"), ("partially implemented", "in_progress"), ("partly implemented", "in_progress"),
    ("teilweise umgesetzt", "in_progress"), ("partiellement mis en oeuvre", "in_progress"), ("started", "in_progress"),
    ("not implemented", "not_started"), ("nicht umgesetzt", "not_started"), ("non mis en oeuvre", "not_started"),
    ("fully implemented", "implemented"), ("vollstandig umgesetzt", "implemented"), ("completed", "implemented"),
    ("done", "implemented"), ("yes", "implemented"), ("ja", "implemented"),
    ("oui", "implemented"), ("umgesetzt", "implemented"), ("erledigt", "implemented"), ("mis en oeuvre", "implemented"),
    ("n a", "not_applicable"), ("na", "not_applicable"), ("entfallt", "not_applicable"),
)  # fmt: skip
REF_WORDS = (
    *NUMBER_WORDS,
    "control",
    "control no",
    "control id",
    "control ref",
    "massnahme nr",
    "control number",
    "annex a",
    "mesure no",
)
TITLE_WORDS = (
    "control title",
    "control name",
    "name",
    "titel",
    "massnahme",
    "bezeichnung",
    "titre",
    "mesure",
    "intitule",
    "control",
)
THEME_WORDS = (
    "group",
    "chapter",
    "category",
    "thema",
    "kapitel",
    "gruppe",
    "kategorie",
    "categorie",
    "chapitre",
    "domain",
)

SOA = _columns(
    Column("ref", _("Control no."), Sort.NUMBER, 9, REF_WORDS, is_needed=True, most=20),
    Column("title", _("Control"), Sort.READ_ONLY, 44, TITLE_WORDS),
    Column("theme", _("Theme"), Sort.READ_ONLY, 22, THEME_WORDS),
    Column(
        "is_applicable",
        _("Applicable"),
        Sort.YES_NO,
        12,
        (
            "applicability",
            "applies",
            "applicable yes no",
            "in scope",
            "selected",
            "included",
            "anwendbar",
            "anwendbarkeit",
            "relevant",
            "applicabilite",
            "retenu",
            "applicable oui non",
        ),
    ),
    Column(
        "reasons",
        _("Reasons"),
        Sort.CHOICES,
        34,
        (
            "reason",
            "reason for inclusion",
            "grund",
            "grunde",
            "motif",
            "motifs",
            "raison",
            "raisons",
            "reason for selection",
        ),
        tuple(Reason.choices),
        REASON_WORDS,
    ),
    Column("derived_reasons", _("Reasons from links"), Sort.READ_ONLY, 30),
    Column(
        "justification",
        _("Justification"),
        Sort.TEXT,
        50,
        (
            "justification for inclusion",
            "rationale",
            "begrundung",
            "comment",
            "remarks",
            "bemerkung",
            "rechtfertigung",
            "commentaire",
        ),
        most=4_000,
    ),
    Column(
        "why_not",
        _("Justification for exclusion"),
        Sort.TEXT,
        50,
        (
            "exclusion justification",
            "reason for exclusion",
            "justification if excluded",
            "why excluded",
            "begrundung fur den ausschluss",
            "begrundung des ausschlusses",
            "begrundung ausschluss",
            "justification de l exclusion",
            "justification d exclusion",
            "motif d exclusion",
        ),
        most=4_000,
    ),
    Column(
        "status",
        _("Implementation"),
        Sort.CHOICE,
        18,
        (
            "status",
            "implementation status",
            "state",
            "umsetzung",
            "umsetzungsstatus",
            "umsetzungsgrad",
            "statut",
            "mise en oeuvre",
            "etat",
            "implemented",
        ),
        tuple(Implementation.choices),
        STATUS_WORDS,
    ),
    Column("owner", _("Owner"), Sort.PERSON, 30, (*OWNER_WORDS, "control owner")),
    Column(
        "target_on",
        _("Target date"),
        Sort.DAY,
        13,
        ("target", "due", "due date", "deadline", "termin", "zieltermin", "frist", "echeance", "date cible", "delai"),
    ),
)

CONTROL_SET = _columns(
    Column("ref", _("Control no."), Sort.NUMBER, 9, REF_WORDS, is_needed=True, most=20),
    Column("title", _("Control"), Sort.LINE, 44, TITLE_WORDS, is_needed=True, most=200),
    Column("theme", _("Theme"), Sort.LINE, 22, THEME_WORDS, most=200),
    Column(
        "intent",
        _("Intent"),
        Sort.TEXT,
        50,
        (
            "purpose",
            "description",
            "text",
            "objective",
            "beschreibung",
            "zweck",
            "ziel",
            "but",
            "objectif",
            "requirement",
            "anforderung",
            "exigence",
        ),
        most=4_000,
    ),
)

KINDS: dict[str, Columns] = {
    ImportKind.RISKS: RISKS,
    ImportKind.ASSETS: ASSETS,
    ImportKind.SOA: SOA,
    ImportKind.CONTROL_SET: CONTROL_SET,
}


def of(kind: str) -> Columns:
    """The columns of a sort of import, in the order of the export. Raises KeyError."""
    return KINDS[ImportKind(kind)]

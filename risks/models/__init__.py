from .asset import Asset, AssetKind, Value
from .criteria import Edition, RiskCriteria
from .risk import AcceptanceState, LevelChange, Rating, RatingKind, Risk, RiskAsset
from .sheet_import import ImportKind, ImportState, SheetImport
from .soa import Implementation, Reason, SetKind, Soa, SoaDocument, SoaEntry, SoaTask
from .treatment import Acceptance, AcceptedRisk, Option, Treatment, TreatmentControl, TreatmentTask

__all__ = [
    "Acceptance",
    "AcceptanceState",
    "AcceptedRisk",
    "Asset",
    "AssetKind",
    "Edition",
    "Implementation",
    "ImportKind",
    "ImportState",
    "LevelChange",
    "Option",
    "Rating",
    "RatingKind",
    "Reason",
    "Risk",
    "RiskAsset",
    "RiskCriteria",
    "SetKind",
    "SheetImport",
    "Soa",
    "SoaDocument",
    "SoaEntry",
    "SoaTask",
    "Treatment",
    "TreatmentControl",
    "TreatmentTask",
    "Value",
]

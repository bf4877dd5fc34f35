from .grade import GradeScale
from .nonconformity import (
    Action,
    Category,
    Cause,
    Consequence,
    Nonconformity,
    NonconformityClause,
    Round,
    Source,
    Verdict,
)
from .proposal import Proposal, ProposalTask
from .sheet_import import ImportKind, NonconformityImport

__all__ = [
    "Action",
    "Category",
    "Cause",
    "Consequence",
    "GradeScale",
    "ImportKind",
    "Nonconformity",
    "NonconformityClause",
    "NonconformityImport",
    "Proposal",
    "ProposalTask",
    "Round",
    "Source",
    "Verdict",
]

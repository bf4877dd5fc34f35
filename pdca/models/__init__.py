"""What is published: the method in editions, the standards with clauses and controls, and how they meet."""

from pdca.models.affinities import AffinityGroup, AffinityMember
from pdca.models.method import (
    Activity,
    Catalogue,
    Origin,
    Phase,
    ResponsibleRole,
    Step,
    StepLink,
    SuggestedTask,
)
from pdca.models.standards import (
    Clause,
    Control,
    ControlTheme,
    DocumentedInformation,
    MandatoryDocument,
    Match,
    MergeGroup,
    MergeKind,
    Standard,
)

__all__ = [
    "Activity",
    "AffinityGroup",
    "AffinityMember",
    "Catalogue",
    "Clause",
    "Control",
    "ControlTheme",
    "DocumentedInformation",
    "MandatoryDocument",
    "Match",
    "MergeGroup",
    "MergeKind",
    "Origin",
    "Phase",
    "ResponsibleRole",
    "Standard",
    "Step",
    "StepLink",
    "SuggestedTask",
]

from .evidence import Evidence
from .forecast import ForecastSnapshot
from .gate import DeliverablePlace, GateDecision, GateMove
from .grants import OrganizationGroupGrant, OrganizationUserGrant, ProjectGroupGrant, ProjectUserGrant
from .invitation import Invitation
from .journal import JournalEntry, JournalHead
from .kit import Kit, KitVersion
from .plan import PlanActivity, PlanPhase, PlanStep, StepDependency, StepRound
from .project import Project, ProjectStandard
from .schedule import Absence, ActivityLink, Baseline, BaselineRow, Capacity, Closure, PlanMilestone
from .seen import ProjectSeen
from .tailoring import TailoringDecision, TailoringKind
from .task import ChecklistItem, Task, TaskComment, TaskDependency

__all__ = [
    "Absence",
    "ActivityLink",
    "Baseline",
    "BaselineRow",
    "Capacity",
    "ChecklistItem",
    "Closure",
    "DeliverablePlace",
    "Evidence",
    "ForecastSnapshot",
    "GateDecision",
    "GateMove",
    "Invitation",
    "JournalEntry",
    "JournalHead",
    "Kit",
    "KitVersion",
    "OrganizationGroupGrant",
    "OrganizationUserGrant",
    "PlanActivity",
    "PlanMilestone",
    "PlanPhase",
    "PlanStep",
    "Project",
    "ProjectGroupGrant",
    "ProjectSeen",
    "ProjectStandard",
    "ProjectUserGrant",
    "StepDependency",
    "StepRound",
    "TailoringDecision",
    "TailoringKind",
    "Task",
    "TaskComment",
    "TaskDependency",
]

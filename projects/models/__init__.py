from .evidence import Evidence
from .grants import OrganizationGroupGrant, OrganizationUserGrant, ProjectGroupGrant, ProjectUserGrant
from .invitation import Invitation
from .journal import JournalEntry, JournalHead
from .plan import PlanActivity, PlanPhase, PlanStep, StepDependency, StepRound
from .project import Project, ProjectStandard
from .seen import ProjectSeen
from .task import ChecklistItem, Task, TaskComment, TaskDependency

__all__ = [
    "ChecklistItem",
    "Evidence",
    "Invitation",
    "JournalEntry",
    "JournalHead",
    "OrganizationGroupGrant",
    "OrganizationUserGrant",
    "PlanActivity",
    "PlanPhase",
    "PlanStep",
    "Project",
    "ProjectGroupGrant",
    "ProjectSeen",
    "ProjectStandard",
    "ProjectUserGrant",
    "StepDependency",
    "StepRound",
    "Task",
    "TaskComment",
    "TaskDependency",
]

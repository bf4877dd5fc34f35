from .approval import Approval, ApprovalStatus, Approver, Content, Step
from .certified import CertifiedPdf
from .delegation import Delegation
from .signature import Decision, Signature

__all__ = [
    "Approval",
    "ApprovalStatus",
    "Approver",
    "CertifiedPdf",
    "Content",
    "Decision",
    "Delegation",
    "Signature",
    "Step",
]

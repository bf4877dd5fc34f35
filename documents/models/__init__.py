from .commitment import CommitmentTick
from .disposition import Disposition, Outcome
from .document import Answer, Classification, Disposal, Document, DocumentClause, Kind, Numbering
from .pdf import RevisionPdf
from .reading import Acknowledgement, Audience, Distribution, Reading
from .revision import Picture, Revision, Source

__all__ = [
    "Acknowledgement", "Answer", "Audience", "Classification", "CommitmentTick", "Disposal", "Disposition",
    "Distribution", "Document", "DocumentClause", "Kind", "Numbering", "Outcome", "Picture", "Reading", "Revision",
    "RevisionPdf", "Source",
]  # fmt: skip

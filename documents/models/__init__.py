from .document import Answer, Classification, Disposal, Document, DocumentClause, Kind, Numbering
from .reading import Acknowledgement, Audience, Distribution, Reading
from .revision import Picture, Revision, Source

__all__ = [
    "Acknowledgement", "Answer", "Audience", "Classification", "Disposal", "Distribution", "Document", "DocumentClause",
    "Kind", "Numbering", "Picture", "Reading", "Revision", "Source",
]  # fmt: skip

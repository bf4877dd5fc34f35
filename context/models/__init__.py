from .mandate import Line, Mandate, Member

__all__ = ["Line", "Mandate", "Member"]

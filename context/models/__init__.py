from .mandate import Line, Mandate, Member
from .scope import ScopeItem, ScopeKind, ScopeStatement

__all__ = ["Line", "Mandate", "Member", "ScopeItem", "ScopeKind", "ScopeStatement"]

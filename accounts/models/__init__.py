from .events import AuthEvent
from .organization import Organization
from .user import User

__all__ = ["AuthEvent", "Organization", "User"]

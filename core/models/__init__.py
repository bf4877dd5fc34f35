from .heartbeat import Heartbeat
from .mail import OutgoingMail

__all__ = ["Heartbeat", "OutgoingMail"]

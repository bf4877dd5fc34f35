from .form_key import FormKey
from .heartbeat import Heartbeat
from .mail import OutgoingMail

__all__ = ["FormKey", "Heartbeat", "OutgoingMail"]

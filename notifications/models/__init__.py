from .feed import Feed
from .notice import Notice
from .preference import Preference
from .reminder import DigestState, Reminder, ReminderRule, Why

__all__ = ["DigestState", "Feed", "Notice", "Preference", "Reminder", "ReminderRule", "Why"]

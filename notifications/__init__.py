"""Nothing is forgotten: who is told of what, when, and by which way.

Reminders come from one engine for any object with an owner and a date (`projects/reminders.py` is the hook); a digest
gathers a person's day into one mail; the inbox keeps what happened; a calendar feed carries the dates elsewhere.
Registers send no mail: they say what happened, and here stands who hears of it. Serves clauses 7.3 and 7.4.
"""

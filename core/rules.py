"""A rule of the system was about to be broken."""


class RuleBroken(Exception):
    """A refusal that says what is so, why and what next; `clause` is where the rule comes from.

    Views put it on the form, so that the person keeps what was typed: ``form.add_error(None, error.as_text)``.
    `field` names the field it is about, where there is one.
    """

    field: str | None = None

    def __init__(self, message: str, clause: str = "") -> None:
        super().__init__(message)
        self.message = str(message)
        self.clause = clause

    @property
    def as_text(self) -> str:
        return f"{self.message} ({self.clause})" if self.clause else self.message

    def __str__(self) -> str:
        return self.as_text


class StaleRecord(RuleBroken):
    """Somebody saved the record first: `current` is what stands in the database now."""

    def __init__(self, message: str, current: object) -> None:
        super().__init__(message)
        self.current = current


def refused(field: str, message: str) -> RuleBroken:
    """A refusal about one field of a form: ``raise refused("owner", _("Name an owner first."))``."""
    refusal = RuleBroken(message)
    refusal.field = field
    return refusal

"""A nonconformity from its report to its closure, a module for each phase; callers say `services.nonconformity.report`."""

from .acting import add_action, drop_action, link_action
from .analysing import DEEPEST, MOST_CAUSES, add_cause, change_cause, mark_root, remove_cause
from .closing import CONSEQUENCES, MOST_POINTED_AT, lead_back
from .common import KIND, WORDS, may_work, said
from .moving import move
from .reporting import (
    AREAS,
    BULK,
    BULK_DUES,
    EDITABLE,
    LINES,
    MOST_AT_ONCE,
    RAISED,
    REPORTED,
    change,
    change_many,
    count_evidence,
    raise_from,
    report,
    report_with_file,
)
from .rounds import WORK, not_independent, work
from .verifying import judge

__all__ = [
    "AREAS",
    "BULK",
    "BULK_DUES",
    "CONSEQUENCES",
    "DEEPEST",
    "EDITABLE",
    "KIND",
    "LINES",
    "MOST_AT_ONCE",
    "MOST_CAUSES",
    "MOST_POINTED_AT",
    "RAISED",
    "REPORTED",
    "WORDS",
    "WORK",
    "add_action",
    "add_cause",
    "change",
    "change_cause",
    "change_many",
    "count_evidence",
    "drop_action",
    "judge",
    "lead_back",
    "link_action",
    "mark_root",
    "may_work",
    "move",
    "not_independent",
    "raise_from",
    "remove_cause",
    "report",
    "report_with_file",
    "said",
    "work",
]

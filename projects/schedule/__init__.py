"""The arithmetic of the schedule: when each piece of work can begin and must end, and what the end hangs on.

Pure functions without queries. `axis` turns dates into working-day indexes and back, `network` holds the plan as nodes and
links and makes the forward and the backward pass, `consequence` says what one state of the dates does to another,
`workload` and `curves` add effort up. What is read and written stands in `selectors/schedule.py` and
`services/schedule.py`.
"""

from .axis import Axis
from .network import FF, FS, SS, Calendar, Conflict, Link, Network, Node, Result, build, schedule

__all__ = [
    "FF",
    "FS",
    "SS",
    "Axis",
    "Calendar",
    "Conflict",
    "Link",
    "Network",
    "Node",
    "Result",
    "build",
    "schedule",
]

"""A flow is a table: what it offers follows from state and permission alone."""

import pytest

from core.flows import Flow, move
from projects import flows
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.permissions import Perm

DOOR = Flow(
    move("open", {"shut"}, "open", needs="enter"),
    move("lock", {"shut"}, "locked", needs="guard", asks_reason=True),
)


def test_offers_only_what_state_and_permission_allow():
    assert [m.name for m in DOOR.possible("shut", {"enter"})] == ["open"]
    assert [m.name for m in DOOR.possible("shut", {"enter", "guard"})] == ["open", "lock"]
    assert DOOR.possible("open", {"enter", "guard"}) == []


def test_two_moves_cannot_share_a_name():
    with pytest.raises(ValueError, match="share a name"):
        Flow(move("open", {"a"}, "b", needs="x"), move("open", {"b"}, "a", needs="x"))


@pytest.mark.parametrize(("flow", "states"), [(flows.TASK, TaskStatus), (flows.ACTIVITY, ActivityStatus)])
def test_every_flow_speaks_of_states_and_permissions_that_exist(flow, states):
    for step in flow.moves:
        assert step.sources <= set(states.values)
        assert step.target in states.values
        assert step.needs in Perm.values
        assert step.label and step.icon


@pytest.mark.parametrize(("flow", "states"), [(flows.TASK, TaskStatus), (flows.ACTIVITY, ActivityStatus)])
def test_no_state_is_a_dead_end(flow, states):
    for state in states.values:
        assert flow.possible(state, Perm.values), state

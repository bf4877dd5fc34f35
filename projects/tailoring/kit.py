"""What a kit holds: a tailored plan without its client, as plain values; and what two of them differ in.

    {"headcount": 120, "steps": [{"number", "code", "phase", "title", …, "activities": [{…, "tasks": [{…}]}]}], "links": […]}

Items of the method carry their code, own ones none. `took` of an activity is what it took at best, likely and at worst, in
percent of its duration, where the firm knows it. Dates are working days: a task's `due` counts from the first day of its
activity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

STEP_FIELDS = (
    "title", "objective", "deliverables", "approval_by", "approval_of", "is_iterative", "duration_days",
    "is_applicable", "merged_into", "phase",
)  # fmt: skip
ACTIVITY_FIELDS = ("title", "purpose", "responsible", "effort_days", "approval_by", "approval_of", "is_applicable")


class Difference(NamedTuple):
    """One thing in which two plans differ: the item by number and title, the field ("" for the whole), both values."""

    number: str
    title: str
    field: str
    before: Any
    after: Any


def items_of(content: Mapping[str, Any]) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Every step and activity by its code, own ones by number."""
    found: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {}
    for step in content["steps"]:
        found[step["code"] or f"own {step['number']}"] = (step, STEP_FIELDS)
        for activity in step["activities"]:
            found[activity["code"] or f"own {activity['number']}"] = (activity, ACTIVITY_FIELDS)
    return found


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What the second plan has otherwise than the first; tasks as their number and their titles."""
    before, after = items_of(old), items_of(new)
    found = []
    for key, (item, names) in after.items():
        if key not in before:
            found.append(Difference(item["number"], item["title"], "", None, item["title"]))
            continue
        was = before[key][0]
        found += [
            Difference(item["number"], item["title"], name, was[name], item[name])
            for name in names
            if was[name] != item[name]
        ]
        if "tasks" in item and _titles(was) != _titles(item):
            found.append(Difference(item["number"], item["title"], "tasks", _titles(was), _titles(item)))
    waits = (_waits(old), _waits(new))
    for key, (item, _names) in after.items():
        was, now = (side.get(key, []) for side in waits)
        if key in before and was != now:
            found.append(Difference(item["number"], item["title"], "waits", was, now))
    found += [
        Difference(item["number"], item["title"], "", item["title"], None)
        for key, (item, _names) in before.items()
        if key not in after
    ]
    return found


def _waits(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """What steps wait for, "1.4 +3", by the keys of `items_of`."""
    keys = {item["number"]: key for key, (item, _names) in items_of(content).items()}
    found: dict[str, list[str]] = {}
    for step, predecessor, lag in sorted(content["links"]):
        if step in keys:
            found.setdefault(keys[step], []).append(f"{predecessor} {lag:+d}" if lag else predecessor)
    return found


def _titles(activity: Mapping[str, Any]) -> list[str]:
    return [task["title"] for task in activity["tasks"]]


def own_texts(content: Mapping[str, Any], method: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The texts that are not the method's own words, with the number of what they belong to: somebody reads these."""
    published = items_of(method)
    found = []
    for key, (item, names) in items_of(content).items():
        base = published.get(key, ({}, ()))[0]
        for name in ("title", "objective", "purpose", "approval_of"):
            if name in names and item[name] and item[name] != base.get(name):
                found.append((item["number"], item[name]))
        known = {task["title"] for task in base.get("tasks", ())}
        found += [(item["number"], t["title"]) for t in item.get("tasks", ()) if t["title"] not in known]
        if item.get("justification"):
            found.append((item["number"], item["justification"]))
    return found


def without(content: dict[str, Any], titles: Iterable[str]) -> dict[str, Any]:
    """The content without tasks of these titles."""
    out = set(titles)
    steps = [
        {
            **step,
            "activities": [
                {**one, "tasks": [task for task in one["tasks"] if task["title"] not in out]}
                for one in step["activities"]
            ],
        }
        for step in content["steps"]
    ]
    return {**content, "steps": steps}


def counts(content: Mapping[str, Any]) -> dict[str, int]:
    """How many steps, activities and tasks a kit brings; what is excluded brings nothing."""
    steps = [step for step in content["steps"] if step["is_applicable"]]
    activities = [one for step in steps for one in step["activities"] if one["is_applicable"]]
    return {
        "step_count": len(steps),
        "activity_count": len(activities),
        "task_count": sum(len(one["tasks"]) for one in activities),
    }

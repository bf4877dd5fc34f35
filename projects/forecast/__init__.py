"""When a project will be ready for certification, and what that hangs on.

Two answers stand side by side. `pace` is a plain rule from numbers that are stored anyway: lists of many projects use it.
`montecarlo` plays the network of the plan thousands of times with uncertain durations: the day that holds in one of two
cases (P50), in four of five (P80), and the activities that drive the spread. Both are arithmetic without queries.

What goes into the network is gathered in `projects.selectors.forecast`, what a project's days gave is kept by
`projects.services.forecast`. The method, its assumptions and its limits stand in docs/forecast.md.
"""

from django.utils.translation import gettext_lazy as _

ASSUMPTIONS = _(
    "The plan is played 5,000 times. Each open activity is given a duration between three estimates (beta-PERT): a quarter "
    "less than planned at best, as planned, twice as long at worst; where three or more finished projects of the same firm "
    "know the activity, what it really took there; with fewer, what the kit knows that the project was started from. What is "
    "begun only has left what its tasks leave open, what is done is a fact, and nothing begins before today. All durations of "
    "one run share a factor with a spread of ten percent, because what slows an organization slows all its work. Steps and "
    "activities wait for each other as in the plan; only working days of the project's calendar count, and none of those on "
    "which nobody is there who has the open tasks of the activity."
)

"""One organization's implementation project: team, roles, plan, tasks and the journal of what happened.

A project copies one edition of the method (4 phases, 20 steps, 101 activities) into a plan of its own and adds the tasks
that only the organization can name. The method itself stays in `pdca`; registers such as risks or documents come above and
hang themselves into steps and gates.
"""

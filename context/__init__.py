"""What the management system is for and what carries it: the project mandate of step 1.4; scope and policy come beside it.

The mandate is one document from live data: what people wrote (motives, benefits, budget, team) and what the project knows
(organization, standards, plan). Top management releases it through `approvals`. Serves 5.1, 5.3 and 7.1 of the harmonized
structure. The plan itself belongs to `projects`, signatures to `approvals`.
"""

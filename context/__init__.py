"""What the management system is for and what carries it: the project mandate of step 1.4 and the scope of step 1.5.

The mandate is one document from live data: what people wrote (motives, benefits, budget, team) and what the project knows
(organization, standards, plan). Top management releases it through `approvals`. Serves 5.1, 5.3 and 7.1 of the harmonized
structure.

The scope is a statement and the items it is made from: what lies inside the organizational, technological and physical
boundaries, what is left out and why, interfaces and dependencies, requirements that do not apply. Serves 4.3. What a
standard says about leaving something out is data (`pdca.scope_rules`). The plan itself belongs to `projects`, signatures
to `approvals`, policies to the documents.
"""

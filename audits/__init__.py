"""Whether the management system does what it says: the audit programme, the audits, and what they find. (IMS2 3.2; 9.2)

A programme of one to three years says what is audited how often, and why that often; top management approves it through
`approvals`. An audit takes lines of the programme, names its criteria, team, auditees and sessions, and says by itself who
of the team would judge their own work. Its checklist comes from the criteria, merged over the standards by the harmonized
structure; what a line shows becomes a finding, and a nonconformity among the findings is raised in `improvement`, where its
correction, cause, action and effectiveness live: they are read here, never copied. The report is signed by the lead
auditor and frozen. Clause 9.2 of every standard; ISO 19011:2018 for programme (5), conduct (6) and independence (4 e, 5.5.4).
"""

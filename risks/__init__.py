"""Risks and opportunities of every discipline in one register, by criteria that top management approved.

First what a level is (criteria, step 1.7.1 and 1.7.2), then the register, treatment and acceptance (1.7.3 to 1.7.8), then
the Statement of Applicability (1.8). Clause 6.1 of the harmonized structure. Approval belongs to `approvals`, the doing to
the tasks of `projects`, documents to `documents`.
"""

"""Documented information under control: what is written, who approved it, what is in effect, and who has read it.

A document is a line of the master list; its revisions carry the content, written here, handed in as a file, or kept
elsewhere. One revision at a time is on its way, one at most is in effect. Approval belongs to `approvals`, evidence to
`projects`, the sheets that are printed to `reports`. Serves steps 1.6, 2.2 and 2.3, clause 7.5 of the harmonized structure.
"""

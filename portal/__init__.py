"""What a person sees across projects: the consultant's clients, everybody's own work, and where "home" is.

Reads only: whatever is pressed here posts to the address of the app that owns the record. Serves every step of the
method at once; what belongs to one project stays in `projects`.
"""

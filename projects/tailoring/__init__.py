"""Making the method fit, as arithmetic: what the order, exclusion and merging of steps mean for what waits for what.

Pure functions on plain values, no queries. `services.tailor` loads the plan, asks here what a decision would bring about,
and writes it; pages ask the same before anything is written. Steps and activities are named by the numbers people say,
which never change.
"""

"""Search: one box over everything a person may see.

Owns the entries (`SearchEntry`, one for each record that can be found), the words they are found by, and the page with
its suggestions. What can be found is said by the apps themselves: `kinds.register(Kind(...))`; a later register hangs
itself in from its `apps.py`. Rights are never copied into an entry: who may see what is asked at every search.
"""

"""Decisions that hold: what was asked, who decided, and proof years later that not a letter of it has moved.

One mechanism for every decision of the method (mandate 1.4, scope 1.5, policy 1.6, documents 2.2; later the SoA, risk
acceptance, audit programme, management review). An app hangs its subject up in `subjects.py`; at the request its
content is frozen and digested, named people decide by signing, and each signature is an entry of the organization's
journal chain. Serves 5.1, 5.2 and 7.5.3 of the harmonized structure. What is decided belongs to the subject's app.
"""

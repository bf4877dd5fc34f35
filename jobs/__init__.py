"""Work that takes longer than a page: reports, digests, exports, nightly counts. Nothing of it is lost or done twice.

The truth is a row (`models/job.py`), written in the same transaction as the change that asks for the work. The broker
only rings the bell: a lost, doubled or late message changes nothing. A worker claims a row by a conditional update with
a lease and a token (`ledger.py`); what a job does becomes visible in one commit with its state "done", and only while
the token is still the worker's own (`running.py`). A sweeper rings for rows whose message or worker was lost; after five
attempts a job has failed, says why, and can be tried again. (RELIABILITY section 5, M9, T19, T21, T22)

Each sort of work is a `kinds.Kind` that its app registers in `apps.py`. Serves every step; owns no meaning of its own.
"""

"""What went wrong, what is done about it, whether that worked; and what could be better. (IMS2 4.1 and 4.2; 10.1 and 10.2)

It owns nonconformities with their rounds of correction, cause, corrective action and proof, the grades a project gives them,
what the register teaches, and proposals for improvement. Corrective actions and what carries a proposal out are tasks of the
plan. Where something was found is not its business: an audit, a review raises a nonconformity here (services.nonconformity.
raise_from), tells the way back (origins) and reads its later life (selectors.nonconformity.lives).
"""

"""The reminder engine: which day a record is reminded on, to whom, and how a person's day becomes one mail.

`rules` is arithmetic without queries; `standing` says who holds what in the projects of some hundred people; `selection`
puts both together, set by set; `wording` and `paper` make mails of it; `digest` and `weekly` are the work of the two jobs.
"""

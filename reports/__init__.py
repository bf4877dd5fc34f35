"""What can be handed to somebody: reports as PDF, each a selector, a template and a title.

One frame prints them all (cover, contents, running header, page numbers, tags for readers); a job of the ledger makes
them in a worker with limits; what was made is kept with its SHA-256, the person who asked and the parameters. A report
shows what its reader may see and says what it left out. Serves clauses 7.5 and 9.1 of the harmonized structure; the
facts are the registers', here is only how they are printed.
"""

"""Everything that changes a project. Each function checks its rule, writes inside `journal.change`, returns the record."""

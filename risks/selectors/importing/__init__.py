"""Dry runs: what a spreadsheet would do to a register. One module for each sort of import; `sheets.plan` has their shape."""

"""Writing what a dry run showed, in bulk where there are many rows; within the change of sheets.services.run."""

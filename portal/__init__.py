"""What a person sees across projects: the consultant's clients, everybody's own work. Reads only."""

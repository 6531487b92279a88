"""Compare scenarios in many halls like the base."""

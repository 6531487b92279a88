"""Find the fewest people that meet targets."""

"""Look at a scenario without running it."""

"""Run a scenario, and compare others with it."""

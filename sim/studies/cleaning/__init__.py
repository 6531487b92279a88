"""Take away what commands left on disk."""

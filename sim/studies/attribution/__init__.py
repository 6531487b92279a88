"""Share out what reforms bring together."""

"""Work a scenario out at many points."""

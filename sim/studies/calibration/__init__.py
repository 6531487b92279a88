"""Fit parameters to a report."""

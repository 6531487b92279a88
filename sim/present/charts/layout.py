"""Which indicators have a panel of their own."""

MOST_PANELS = 8
"""Panels of a chart at most."""
FIRST = (
    "all_served_rate",
    "all_elapsed_mean_wd",
    "all_visits_mean",
    "all_on_time_rate_cohort",
    "all_one_visit_rate",
    "cases_open",
    "hall_wait_mean_min",
    "immediate_rate",
)
"""The most important indicators; others of the headline take the place of those that do not change.

The hall's own rates come last: when items enter the hall, they compare different applicants.
"""

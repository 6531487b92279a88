"""Which figures have a panel of their own."""

MOST_PANELS = 8
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
"""The most telling figures; others of the headline fill the places of those that do not change.

The hall's own rates come last: when items enter, they compare different people.
"""

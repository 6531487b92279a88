"""Start reforms on dates, and follow the open cases."""

"""Running: tasks computed by any number of workers, each once, and their results kept."""

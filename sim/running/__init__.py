"""Running: tasks worked out by any number of workers, each once, and kept."""

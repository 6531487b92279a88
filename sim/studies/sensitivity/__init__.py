"""Ask how far results depend on estimates."""

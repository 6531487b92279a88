"""Find the largest demand that a hall carries."""

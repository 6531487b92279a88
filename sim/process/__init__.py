"""The small language that the rules speak and the engines obey."""

"""Fit parameters to a report."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

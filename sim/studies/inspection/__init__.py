"""Inspect a scenario without running an experiment."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

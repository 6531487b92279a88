"""Run a scenario, and compare others with it."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

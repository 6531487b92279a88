"""Compare scenarios in many halls like the base."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

"""Remove what commands left on disk."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

"""Look at a scenario without running it."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

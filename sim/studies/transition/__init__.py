"""Start reforms on dates, and follow the open cases."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

"""Share out what reforms bring together."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

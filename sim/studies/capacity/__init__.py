"""Find the largest demand that a hall can carry."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

"""Ask how far results depend on estimates."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

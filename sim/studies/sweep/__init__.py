"""Work a scenario out at many points."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

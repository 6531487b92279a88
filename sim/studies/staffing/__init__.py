"""Find the fewest people that meet targets."""

from sim.present.words import Words

WORDS = Words.beside(__file__)
say = WORDS.say

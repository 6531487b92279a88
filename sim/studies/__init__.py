"""One room a study, each with the same doors: study, files, said, charts, words.yaml, command."""

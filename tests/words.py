"""All texts that users read."""

from __future__ import annotations

from pathlib import Path

import sim
from sim.present.words import GENERAL, Words

ROOMS = {
    file.parent.name: Words(file, GENERAL)
    for file in sorted((Path(sim.__file__).parent / "studies").glob("*/words.yaml"))
}
"""The texts of each room of studies, the general ones included."""
WORDS = {key: texts for words in (GENERAL, *ROOMS.values()) for key, texts in words.texts.items()}
"""Every text by key and language."""

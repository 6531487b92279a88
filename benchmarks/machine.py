"""Name the machine that a benchmark ran on."""

from __future__ import annotations

import platform
from pathlib import Path


def machine() -> str:
    """Name the processor and the Python version."""
    cpu = Path("/proc/cpuinfo")
    names = [
        line.split(":", 1)[1].strip()
        for line in (cpu.read_text(encoding="utf-8").splitlines() if cpu.exists() else [])
        if line.startswith("model name")
    ]
    return f"{names[0] if names else platform.processor()}, Python {platform.python_version()}"

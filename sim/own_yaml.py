"""YAML files of this program."""

from __future__ import annotations

from typing import Any

import yaml


def own_yaml(text: str) -> Any:
    """Read a YAML file of this program, by libyaml where it is: ten times as fast.

    Users' files are not read by it: it words their mistakes otherwise.
    """
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506

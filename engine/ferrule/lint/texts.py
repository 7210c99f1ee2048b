"""The texts of a spec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ferrule.source import Text


def texts(value: Any) -> Iterator[Text]:
    """Every string below `value`, keys left out."""
    return (text for _, text in named_texts(value))


def named_texts(value: Any) -> list[tuple[str, Text]]:
    """Every string below `value` in the order of the file, with the key it stands under; empty where it stands under none."""
    found: list[tuple[str, Text]] = []
    _collect_texts(value, "", found)
    return found


def _collect_texts(value: Any, key: str, found: list[tuple[str, Text]]) -> None:
    if isinstance(value, Text):
        found.append((key, value))
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, Text):
                found.append((str(name), item))
            else:
                _collect_texts(item, str(name), found)
    elif isinstance(value, list):
        for item in value:
            _collect_texts(item, key, found)

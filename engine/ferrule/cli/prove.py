"""Commands that prove a connector: demo, test, record."""

from __future__ import annotations


def demo() -> None:
    """Who has access to what, in a real application, replayed."""


def test() -> None:
    """Replay cassettes."""


def record() -> None:
    """Record cassettes."""

"""The `ferrule` command."""

from ferrule.cli.main import main

__all__ = ["main"]

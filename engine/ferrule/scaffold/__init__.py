"""First specs: from nothing, from a vendor's description, from what a browser recorded."""

from __future__ import annotations

from ferrule.scaffold.blank import WAYS, blank
from ferrule.scaffold.describe import from_description
from ferrule.scaffold.draft import Draft
from ferrule.scaffold.har import read_har
from ferrule.scaffold.recording import from_recording
from ferrule.scaffold.text import Decision, decisions

__all__ = ["WAYS", "Decision", "Draft", "blank", "decisions", "from_description", "from_recording", "read_har"]

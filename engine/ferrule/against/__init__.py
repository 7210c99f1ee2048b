"""A spec held against the vendor's own description of the API: every request it can send, every value it reads."""

from __future__ import annotations

from ferrule.against.description import Description, read_description
from ferrule.against.drift import Drift, drift
from ferrule.against.report import CODES, Report, Unchecked
from ferrule.against.walk import check
from ferrule.diagnostics import Diagnostic
from ferrule.plan import Plan

__all__ = ["CODES", "Description", "Drift", "Report", "Unchecked", "against", "check", "drift", "read_description"]


def against(plan: Plan, description: Description) -> list[Diagnostic]:
    """Everything in a spec that the description contradicts."""
    return list(check(plan, description).diagnostics)

"""An ignore gives no reason, or names no code.

A finding that is silenced without a word will puzzle the next reader. The reason stands behind the brackets.

Reported:

    settings: {region: {enum: [us, eu]}}    # ferrule: ignore[L451]    # L498

Fine:

    settings: {region: {enum: [us, eu]}}    # ferrule: ignore[L451] the second version of the API will need it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.ignores import Ignore

CODE = Code("L498", "ignore-without-reason", "warning")


def check(comments: Iterable[Ignore]) -> Iterator[Diagnostic]:
    """Look at every ignore."""
    for ignore in comments:
        if not ignore.codes or not ignore.reason:
            message = "this ignore gives no reason" if ignore.codes else "this ignore names no code"
            yield Diagnostic(CODE, ignore.span, message, "write the code in the brackets, and the reason behind them")

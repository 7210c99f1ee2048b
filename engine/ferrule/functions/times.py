"""Functions over times. A time is text in ISO 8601, in UTC: `2024-01-31T12:00:00Z`, with a fraction of a second where it has one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILETIME = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = ("0", "9223372036854775807")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_ISO = re.compile(
    r"\d{4}-?\d\d-?\d\d([T ]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)

_BLANK = re.compile(r"\s(?=[Z+-])")
"""Some apps put a blank before the offset."""


def date(text: str | None, layout: str | None = None) -> str | None:
    """The time that a text writes, in UTC. Without a layout the text is ISO 8601; a layout is written in the
    [codes of Python's strptime](https://docs.python.org/3/library/datetime.html#format-codes). A text without an
    offset is taken for UTC. Empty text is null, and so is a time in the year 1, which programs in Go and .NET send for
    "never".

    >>> date(joined)  # {"joined": "2024-01-31T14:00:00+02:00"}
    "2024-01-31T12:00:00Z"
    >>> date(joined, '%d/%m/%Y')  # {"joined": "31/01/2024"}
    "2024-01-31T00:00:00Z"
    >>> date(seen)  # {"seen": "0001-01-01T00:00:00Z"}
    null
    """
    moment = _moment(text, layout)
    return None if moment is None else _iso(moment)


def to_epoch(text: str | None) -> int | None:
    """The whole seconds from 1970 to a time in ISO 8601.

    >>> to_epoch(since)  # {"since": "2023-11-14T22:13:20.5Z"}
    1700000000
    """
    moment = _moment(text, None)
    return None if moment is None else (moment - _EPOCH) // timedelta(seconds=1)


def from_epoch(value: float | str | None) -> str | None:
    """The time that lies so many seconds after 1970, a number or its text. Zero is 1970: where an app means "never" by it,
    write ``from_epoch(null_if(seen, `0`))``.

    >>> from_epoch(seen)  # {"seen": 1700000000}
    "2023-11-14T22:13:20Z"
    >>> from_epoch(ts)  # {"ts": "1700000000.5"}
    "2023-11-14T22:13:20.500Z"
    """
    return _since(_EPOCH, value, 1_000_000)


def from_epoch_ms(value: float | str | None) -> str | None:
    """The time that lies so many milliseconds after 1970, a number or its text.

    >>> from_epoch_ms(last_seen_ts)  # {"last_seen_ts": 1700000000123}
    "2023-11-14T22:13:20.123Z"
    """
    return _since(_EPOCH, value, 1_000)


def from_filetime(value: float | str | None) -> str | None:
    """The time of a Windows file time: 100-nanosecond steps since 1601, a number or its text. The two values that mean
    "never", 0 and 9223372036854775807, are null
    ([Account-Expires](https://learn.microsoft.com/en-us/windows/win32/adschema/a-accountexpires)).

    >>> from_filetime(lastLogonTimestamp)  # {"lastLogonTimestamp": "133444736000000000"}
    "2023-11-14T22:13:20Z"
    >>> from_filetime(accountExpires)  # {"accountExpires": "9223372036854775807"}
    null
    """
    return None if str(value) in _NEVER else _since(_FILETIME, value, Decimal("0.1"))


def read_layout(layout: str) -> str:
    """The layout itself. Raises `ValueError` where strptime cannot read what it writes."""
    try:
        datetime.strptime(_EPOCH.strftime(layout), layout)
    except (ValueError, re.error) as error:
        raise ValueError(f"`{layout}` is not a layout of a time: {error}") from error
    return layout


def _since(start: datetime, value: Any, microseconds: int | Decimal) -> str | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"`{text[:40]}` is not a number that counts time")
    try:
        return _iso(start + timedelta(microseconds=int(Decimal(text) * microseconds)))
    except OverflowError as error:
        raise ValueError(f"{text} is out of the range of times") from error


def _moment(text: str | None, layout: str | None) -> datetime | None:
    if text is None or not text.strip():
        return None
    try:
        moment = _from_iso(text.strip()) if layout is None else datetime.strptime(text.strip(), layout)
        if moment.year == 1:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        written = "ISO 8601" if layout is None else f"written as `{layout}`"
        raise ValueError(f"`{text[:40]}` is not a time {written}") from error


def _from_iso(text: str) -> datetime:
    """The time that ISO 8601 text writes. What Python reads beyond the common forms is refused: it differs by version."""
    if not _ISO.fullmatch(text):
        raise ValueError("not ISO 8601")
    return datetime.fromisoformat(_BLANK.sub("", text.upper()))


def _iso(moment: datetime) -> str:
    unit = "seconds" if not moment.microsecond else "milliseconds" if moment.microsecond % 1000 == 0 else "microseconds"
    return moment.isoformat(timespec=unit).removesuffix("+00:00") + "Z"

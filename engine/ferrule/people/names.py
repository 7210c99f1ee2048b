"""Pseudonyms for all that mentions people: which texts are replaced, and by what.

A pseudonym is the place of its text in the sorted list of all such texts. It does not depend on the order in which they came,
keeps the order they sort in, and tells nothing of the text, as a hash would tell somebody who tries all names. Nothing
leads back from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from ferrule.people.kept_words import WORD, Kept
from ferrule.people.mentions import EMAIL, Mention

SHORTEST_ID = 4
"""Characters of an id with digits that is replaced; five, where there is nothing else. A shorter one stands for other things, too."""
_HOST = r"(?:[\w-]+(?:\.[\w-]+)+|localhost)(?::\d+)?"
_HOME = re.compile(rf"(?<=.)@{_HOST}$|(?<=^@)([^:]+):{_HOST}$")
"""Where an account lives: `:server.example` of `@ann:server.example`."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PART = r"(?:[^\W\d_]{2,}\d{0,4}|\d{1,3})"
_LIKE_A_NAME = re.compile(rf"{_PART}(?:[\W_]+{_PART})*")
"""Words, with a number behind each at most: `user01`, `ann.lee-2`."""
_IN_CAPITALS = re.compile(r"PERSON\d{3,}")
"""The pseudonym of a name in capitals. It reads like one again."""
_HEX = re.compile(r"(?=.*[0-9])(?:[0-9a-f]{16,}|[0-9A-F]{16,})")
_ALPHABETS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_BEYOND_HEX = ("0123456789", "ghijklmnopqrstuvwxyz", "GHIJKLMNOPQRSTUVWXYZ")
"""Without the letters that are hexadecimal digits."""
_PHONES_OF_AN_AREA = 100


@dataclass(frozen=True, slots=True)
class Names:
    """What is replaced, and by what."""

    words: Mapping[str, str]
    """Texts that are replaced in whatever case they are written, in lower case."""
    ids: Mapping[str, str]
    """Texts that are replaced only as they are."""
    phones: Mapping[str, str]
    """Telephone numbers, by their digits."""


def names(mentions: Iterable[Mention], kept: Kept) -> Names:
    """A pseudonym for each text that tells of a person."""
    told = sorted({(mention.kind, mention.text) for mention in mentions})
    words = {word for kind, text in told if kind == "name" for word in _words(text, kept)}
    logins, domains = _logins([text for kind, text in told if kind in ("login", "email")], words, kept)
    ids = _ids([text for kind, text in told if kind in ("id", "login")], words | logins, kept)
    shapes = {text: shape for text in ids if (shape := _shape(text)) is not None}
    ranked = sorted(words | logins | {text.lower() for text in ids if text not in shapes})
    width = max(3, len(str(len(ranked))))
    replaced = {text: f"person{number:0{width}}" for number, text in enumerate(ranked, 1)}
    replaced |= {domain: f"org{number:02}.example" for number, domain in enumerate(sorted(domains), 1)}
    exact, any_case = _shaped(shapes)
    phones = sorted({re.sub(r"\D", "", text) for kind, text in told if kind == "phone"})
    return Names(any_case | replaced, exact, {digits: _phone(number) for number, digits in enumerate(phones)})


def _words(name: str, kept: Kept) -> Iterable[str]:
    """The words of a name that are somebody's. One letter of an alphabet is nobody's."""
    for word in WORD.findall(name.lower()):
        if (len(word) > 1 or ord(word) > 0x2E7F) and not word.isdigit() and not kept.holds(word):
            yield word


def _logins(texts: Iterable[str], words: set[str], kept: Kept) -> tuple[set[str], set[str]]:
    """The user names, those before the `@` of addresses among them, and the domains."""
    logins, domains = set(), set()
    for text in texts:
        found = EMAIL.fullmatch(text.strip())
        if found is not None and not kept.holds_domain(found[2].lower()):
            domains.add(found[2].lower())
        core = _core(found[1] if found is not None else text).lower()
        if not kept.holds(core) and len(core) > 1 and not _is_opaque(core) and not _is_made_of(core, words, kept):
            logins.add(core)
    return logins, domains


def _core(text: str) -> str:
    """A user name or an id without its home, its domain and marks around it."""
    return _HOME.sub(r"\1", text.strip().rpartition("\\")[2]).strip().strip("@!#$%&*+-./:;<=>?^_`{|}~'\"()[], ")


def _is_opaque(text: str) -> bool:
    """Whether nobody reads it as a name."""
    return (_shape(text) or "").startswith(("uuid", "hex", "digits"))


def _is_made_of(text: str, words: set[str], kept: Kept) -> bool:
    """Whether a user name is nothing but names that are replaced anyway: `ann.lee`, beside the name Ann Lee."""
    parts = WORD.findall(text)
    return any(part in words for part in parts) and all(part in words or kept.holds(part) or part.isdigit() for part in parts)


def _ids(texts: Iterable[str], known: set[str], kept: Kept) -> set[str]:
    """The ids that no user name is in: those are changed with it."""
    several = [text for text in known if WORD.fullmatch(text) is None]
    found = set()
    for text in texts:
        core = _core(text)
        lower = core.lower()
        is_known = any(run in known for run in (lower, *WORD.findall(lower))) or any(text in lower for text in several)
        if not is_known and not kept.holds(lower) and not _is_short(core) and EMAIL.fullmatch(text.strip()) is None:
            found.add(core)
    return found


def _is_short(text: str) -> bool:
    return len(text) < (5 if text.isdigit() else SHORTEST_ID if any(c.isdigit() for c in text) else 2)


# form


def _shape(text: str) -> str | None:
    """What ids have in common that are of one form; None for one that reads like a name."""
    if _UUID.fullmatch(text):
        return "uuid"
    if text.isdigit():
        return f"digits {len(text)}"
    if _HEX.fullmatch(text):
        return f"hex {len(text)}"
    if not _reads_like_a_name(text) and text.isascii() and any(c.isdigit() for c in text) and not any(c.isspace() for c in text):
        return "".join(str(index) if (index := _class(c)) is not None else c for c in text)
    return None


def _reads_like_a_name(text: str) -> bool:
    return _IN_CAPITALS.fullmatch(text) is not None or (_LIKE_A_NAME.fullmatch(text) is not None and text in (text.lower(), text.title()))


def _class(character: str) -> int | None:
    return next((index for index, alphabet in enumerate(_ALPHABETS) if character in alphabet), None)


def _shaped(shapes: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Pseudonyms of the same form: those for ids as they are, and those for ids in either case."""
    exact: dict[str, str] = {}
    any_case: dict[str, str] = {}
    for shape, group in groupby(sorted(shapes, key=lambda text: (shapes[text], text)), key=lambda text: shapes[text]):
        texts = list(group)
        if shape == "uuid" or shape.startswith("hex"):
            form = _uuid if shape == "uuid" else _hex(len(texts[0]))
            any_case |= _numbered(sorted({text.lower() for text in texts}), form)
        elif shape.startswith("digits"):
            exact |= _numbered(texts, _digits(len(texts[0])))
        else:
            exact |= _numbered(texts, _spelled(texts[0], len(texts)))
    return exact, any_case


def _numbered(texts: Iterable[str], form: Callable[[int], str]) -> dict[str, str]:
    return {text: form(number) for number, text in enumerate(texts, 1)}


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _hex(length: int) -> Callable[[int], str]:
    """With a letter, so that it is not taken for a number."""
    return lambda number: f"a{number:0{length - 1}}"


def _digits(length: int) -> Callable[[int], str]:
    return lambda number: f"1{number:0{length - 1}}"


def _spelled(like: str, count: int) -> Callable[[int], str]:
    """Numbers written in the digits and letters of an id: of `U0X`, `A0A` and so on. One that has too few of them is longer."""
    # `AAAA0AA0AAAAAAAAAAAB` would be taken for hexadecimal digits, and so for another form than that of the id.
    alphabets = _ALPHABETS if _shape(_spell(1, like, _ALPHABETS)) == _shape(like) else _BEYOND_HEX
    room = 1
    for character in like:
        room *= len(alphabets[index]) if (index := _class(character)) is not None else 1
    if room > count:
        return lambda number: _spell(number, like, alphabets)
    return lambda number: f"{_spell(number, like, alphabets)}{number:0{len(str(count))}}"


def _spell(number: int, like: str, alphabets: tuple[str, ...]) -> str:
    made = []
    for character in reversed(like):
        index = _class(character)
        if index is None:
            made.append(character)
            continue
        number, rest = divmod(number, len(alphabets[index]))
        made.append(alphabets[index][rest])
    return "".join(reversed(made))


def _phone(number: int) -> str:
    """One of the numbers that are nobody's: 555-0100 to 555-0199, in an area of North America (ATIS-0300115)."""
    area, line = divmod(number, _PHONES_OF_AN_AREA)
    return f"1-{201 + area}-555-01{line:02}"

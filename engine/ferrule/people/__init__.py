"""People in cassettes: who is mentioned, and stable pseudonyms in their place.

A cassette with pseudonyms is the one that was recorded with its names exchanged, everywhere and in every writing. Whatever a
connector does with a name but look at its letters, it does with the pseudonym as well: so the cassette replays.
"""

from __future__ import annotations

from ferrule.people.kept_words import kept_words
from ferrule.people.mentions import mentions
from ferrule.people.names import names
from ferrule.people.pseudonyms import Pseudonyms
from ferrule.spec.model import ConnectorSpec
from ferrule.wire.cassette_file import Cassette

__all__ = ["Pseudonyms", "pseudonyms"]


def pseudonyms(cassette: Cassette, spec: ConnectorSpec) -> Pseudonyms:
    """Pseudonyms for everybody that a cassette of this connector mentions."""
    kept = kept_words(spec)
    return Pseudonyms(names(mentions(cassette, kept), kept))

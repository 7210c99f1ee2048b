"""Compiles the pagers and records that nothing uses, so that their slips are found like those of all others."""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.compile.compiler import NOT_IN_ANSWER, UNKNOWN_NAME, SpecCompiler
from ferrule.compile.record import compile_record
from ferrule.source import Table, key_span
from ferrule.spec.model import ConnectorSpec, PartSpec, SourceSpec


def compile_unused(spec: ConnectorSpec, tree: Table, compiler: SpecCompiler) -> None:
    """Report what is wrong in them wherever they were used. Which names they could read is for those to say who use them."""
    before = len(compiler.found)
    parts = [part for operation in spec.capabilities.values() for part in (operation, *(operation.parts or ()))]
    pagers = {source.pages for part in parts for source in _sources(part) if isinstance(source.pages, str)}
    records = {part.record for part in parts if isinstance(part.record, str)}
    for name, pager in spec.pagers.items():
        if name not in pagers:
            pager.compile(compiler)
    for name, record in spec.records.items():
        if name not in records:
            compile_record(record, {}, compiler, key_span(tree, ("records", name)))
    compiler.found[before:] = [found for found in compiler.found[before:] if found.code not in (UNKNOWN_NAME, NOT_IN_ANSWER)]


def _sources(part: PartSpec) -> Iterator[SourceSpec]:
    yield part
    yield from part.each if isinstance(part.each, list) else filter(None, [part.each])

"""Compiles one capability: parts that give rows, or steps that give one object."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from ferrule.capabilities import Capability
from ferrule.compile.compiler import SpecCompiler
from ferrule.compile.record import Make, compile_record, field_spans
from ferrule.diagnostics import Code, Span, did_you_mean
from ferrule.pagination import Pager, Pagination
from ferrule.plan import Dedupe, Explode, Loop, Operation, Part, Repeat, Row, Step, Verify
from ferrule.source import Text
from ferrule.spec.model import ConnectorSpec, DedupeSpec, ExplodeSpec, OperationSpec, PartSpec, RepeatSpec, SourceSpec, StepSpec, VerifySpec
from ferrule.spec.record import RecordFields

UNKNOWN_REFERENCE = Code("C340", "unknown-reference")
NO_SOURCE = Code("C341", "no-source")
NO_RECORDS = Code("C342", "no-records")
NO_RECORD = Code("C343", "no-record")
MIXED = Code("C344", "mixed-operation")
POSITION_UNSENT = Code("C345", "position-unsent")
NOT_FOR_OBJECT = Code("C346", "not-for-one-object")

_STEP_KEYS = ("save", "already", "repeat")
_PART_KEYS = ("request", "pages", "records", "rows", "values", "filter", "each", "explode", "record", "when", "into")


def compile_operation(
    capability: Capability, spec: OperationSpec, connector: ConnectorSpec, compiler: SpecCompiler, origin: Span
) -> Operation:
    """The operation that `spec` describes for `capability`."""
    names = {"inputs": None if capability.takes_more else list(capability.inputs), "page": ["size"]}
    with compiler.within(names):
        worker = _Operation(capability, connector, compiler, origin)
        return worker.many(spec) if capability.many or capability.lists else worker.one(spec)


class _Operation:
    def __init__(self, capability: Capability, connector: ConnectorSpec, compiler: SpecCompiler, origin: Span) -> None:
        self.capability, self.connector, self.compiler, self.origin = capability, connector, compiler, origin

    def many(self, spec: OperationSpec) -> Operation:
        """A list: one part or several."""
        for key in ("steps", *_STEP_KEYS, "verify"):
            if key in spec.model_fields_set:
                self.compiler.report(MIXED, self.origin, f"`{key}` is not for a list", "a list has parts: a request with pages, or `each`")
        inline = [key for key in _PART_KEYS if key in spec.model_fields_set and key != "record"]
        if spec.parts is not None and inline:
            self.compiler.report(
                MIXED, self.origin, f"`parts` and `{inline[0]}` do not go together", f"move `{inline[0]}` into one of the parts"
            )
        with ExitStack() as scope:
            prepare = tuple(self.step(step, scope) for step in spec.prepare)
            parts = tuple(self.part(part, spec.record) for part in (spec.parts if spec.parts is not None else [spec]))
            dedupe = self.dedupe(spec.dedupe)
        return Operation(self.capability, parts, prepare, dedupe=dedupe, scopes=tuple(spec.scopes), origin=self.origin)

    def one(self, spec: OperationSpec) -> Operation:
        """One object: one step or several, and a record made from the last answer."""
        for key in ("parts", "prepare", "into", "each", "rows", "values", "explode", "filter", "dedupe", "pages"):
            if key in spec.model_fields_set:
                self.compiler.report(NOT_FOR_OBJECT, self.origin, f"`{key}` is for lists, and `{self.capability.name}` gives one object")
        if spec.steps is not None and spec.request is not None:
            self.compiler.report(MIXED, self.origin, "`steps` and `request` do not go together", "make the request one of the steps")
        if spec.steps is None and spec.request is None and spec.record is None:
            self.compiler.report(
                NO_SOURCE,
                self.origin,
                f"`{self.capability.name}` says neither what to ask nor what to answer",
                "add `request:` or `steps:`",
            )
        steps = spec.steps or (
            [StepSpec.model_construct(**{k: getattr(spec, k) for k in ("request", "when", *_STEP_KEYS)}, each=None, undo=None)]
            if spec.request
            else []
        )
        with ExitStack() as scope:
            compiled = tuple(self.step(step, scope) for step in steps)
            readings = spec.verify if isinstance(spec.verify, list) else [spec.verify] if spec.verify else []
            verify = tuple(self.verify(reading) for reading in readings)
            records = self.compiler.expression(spec.records) if spec.records else None
            row, fields = self.record(spec.record or {})
        scopes = tuple(spec.scopes)
        return Operation(
            self.capability,
            steps=compiled,
            records=records,
            row=row,
            verify=verify,
            scopes=scopes,
            fields=fields,
            origin=self.origin,
        )

    def part(self, spec: PartSpec, shared: RecordFields | str | None) -> Part:
        """One list, its outer walks first; each sees the names of those around it."""
        into = self.into(spec)
        when = self.compiler.scope_expression(spec.when) if spec.when is not None else None
        each = spec.each if isinstance(spec.each, list) else [spec.each] if spec.each else []
        with ExitStack() as scope:
            loops = []
            for level in each:
                loops.append(self.loop(level, self.compiler.bind(level.as_, self.origin)))
                scope.enter_context(self.compiler.within({level.as_: None}))
            loops.append(self.loop(spec, None))
            explode = self.explode(spec.explode, scope) if spec.explode else None
            record = spec.record if spec.record is not None else shared
            if record is None:
                self.compiler.report(NO_RECORD, self.origin, "nothing says how a record is made", "add `record:`")
                record = {}
            row, fields = self.record(record, into)
        return Part(tuple(loops), row, explode, when, into, fields, loops[-1].origin)

    def into(self, spec: PartSpec) -> str | None:
        """The list of the answer that a part's records go into, where the answer holds lists."""
        lists = self.capability.lists
        if spec.into is not None and spec.into not in lists:
            hint = did_you_mean(spec.into, lists) or (f"it has {', '.join(lists)}" if lists else "its answer is the list")
            self.compiler.report(UNKNOWN_REFERENCE, self.origin, f"the answer of `{self.capability.name}` has no list `{spec.into}`", hint)
            return lists[0] if lists else None
        if spec.into is None and len(lists) > 1:
            self.compiler.report(
                UNKNOWN_REFERENCE,
                self.origin,
                "nothing says which list of the answer the records go into",
                f"add `into:`, one of {', '.join(lists)}",
            )
            return lists[0]
        return spec.into or (lists[0] if lists else None)

    def loop(self, spec: SourceSpec, name: str | None) -> Loop:
        pages = self.pages(spec)
        if spec.request is None:
            if spec.rows is None and spec.values is None:
                self.compiler.report(
                    NO_SOURCE, self.origin, "nothing says where the records come from", "add `request:`, `rows:` or `values:`"
                )
            values = self.compiler.scope_expression(spec.values) if spec.values else None
            rows = tuple(spec.rows) if spec.rows is not None else None
            keep = self.compiler.record_expression(spec.filter) if spec.filter else None
            return Loop(name, values=values, rows=rows, filter=keep, origin=spec.values.span if spec.values else self.origin)
        pager = pages.compile(self.compiler) if pages else None
        variables = [*(pager.paginator.variables(pager.paginator.start) if pager else ())]
        with self.compiler.within({"page": ["size", *variables]}):
            request = spec.request.compile(self.compiler)
        if pager:
            self.check_position(spec, pages, pager, variables)
        if spec.records is None:
            self.compiler.report(
                NO_RECORDS,
                spec.request.path.span,
                "nothing says where the records are in the answer",
                "add `records:`, an expression such as `body.users`",
            )
        records = self.compiler.expression(spec.records or Text("body"))
        keep = self.compiler.record_expression(spec.filter) if spec.filter else None
        return Loop(name, request, pager, records, filter=keep, origin=spec.request.path.span)

    def pages(self, spec: SourceSpec) -> Pagination | None:
        if not isinstance(spec.pages, str):
            return spec.pages
        if spec.pages not in self.connector.pagers:
            span = spec.pages.span if isinstance(spec.pages, Text) else self.origin
            self.compiler.report(
                UNKNOWN_REFERENCE,
                span,
                f"there is no pager `{spec.pages}`",
                did_you_mean(spec.pages, self.connector.pagers) or "define it under `pagers:`",
            )
            return None
        return self.connector.pagers[spec.pages]

    def check_position(self, spec: SourceSpec, pages: Any, pager: Pager, variables: list[str]) -> None:
        """A position that is never sent would read the first page for ever."""
        if not variables or pages.kind in ("relay", "scim") or pages.param:
            return
        assert spec.request is not None
        if not any(f"page.{name}" in str(text) for name in variables for text in _texts(spec.request)):
            wanted = f"`param:`, or write `{{{{ page.{variables[0]} }}}}` in the request"
            self.compiler.report(
                POSITION_UNSENT,
                spec.request.path.span,
                f"the {pages.kind} pagination never sends its position",
                f"say under which name with {wanted}",
            )

    def explode(self, spec: ExplodeSpec, scope: ExitStack) -> Explode:
        items = self.compiler.record_expression(spec.list)
        scope.enter_context(self.compiler.within({self.compiler.bind(spec.as_, spec.list.span): None}))
        return Explode(items, spec.as_)

    def record(self, record: RecordFields | str, into: str | None = None) -> tuple[Row, dict[str, Span]]:
        if isinstance(record, str):
            if record not in self.connector.records:
                span = record.span if isinstance(record, Text) else self.origin
                self.compiler.report(
                    UNKNOWN_REFERENCE,
                    span,
                    f"there is no record `{record}`",
                    did_you_mean(record, self.connector.records) or "define it under `records:`",
                )
                return compile_record({}, {}, self.compiler, self.origin), {}
            record = self.connector.records[record]
        origin = next(iter(field_spans(record, self.origin).values()), self.origin)
        listed = self.capability.fields[into].item if into is not None else None
        known = listed.fields if listed else self.capability.fields
        return compile_record(record, known, self.compiler, origin, self.given(), open_=self.capability.is_open), field_spans(
            record, self.origin
        )

    def given(self) -> dict[str, Make]:
        """What the capability fills by itself: what success means, and what repeats the request."""
        fixed: dict[str, Make] = {name: _always(value) for name, value in self.capability.default.items()}
        return fixed | {name: _echo(name) for name in self.capability.echo}

    def step(self, spec: StepSpec, scope: ExitStack) -> Step:
        when = self.compiler.scope_expression(spec.when) if spec.when is not None else None
        each = None
        if spec.each:
            each = (spec.each.as_, self.compiler.scope_expression(spec.each.values))
        with self.compiler.within({spec.each.as_: None} if spec.each else {}):
            request = spec.request.compile(self.compiler)
            already = self.compiler.expression(spec.already) if spec.already else None
            repeat = self.repeat(spec.repeat) if spec.repeat else None
            save = {name: self.compiler.expression(text) for name, text in spec.save.items()}
        for name in spec.save:
            scope.enter_context(self.compiler.within({self.compiler.bind(name, spec.save[name].span): None}))
        with self.compiler.within({spec.each.as_: None} if spec.each else {}):
            undo = spec.undo.compile(self.compiler) if spec.undo else None
        return Step(request, when, each, save, already, repeat, undo, spec.request.path.span)

    def repeat(self, spec: RepeatSpec) -> Repeat:
        return Repeat(self.compiler.expression(spec.until), float(spec.every), float(spec.for_))

    def verify(self, spec: VerifySpec) -> Verify:
        when = self.compiler.scope_expression(spec.when) if spec.when is not None else None
        until = self.compiler.expression(spec.until)
        return Verify(spec.request.compile(self.compiler), Repeat(until, float(spec.every), float(spec.for_)), when)

    def dedupe(self, spec: Text | DedupeSpec | None) -> Dedupe | None:
        if spec is None:
            return None
        if isinstance(spec, str):
            return Dedupe(self.compiler.record_expression(spec if isinstance(spec, Text) else Text(spec)), whole_walk=True)
        return Dedupe(self.compiler.record_expression(spec.key), spec.across == "walk")


def _always(value: Any) -> Make:
    return lambda record, scope: value


def _echo(name: str) -> Make:
    return lambda record, scope: scope["inputs"].get(name)


def _texts(value: Any) -> list[str]:
    """Every string in a request."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return (
        [text for name in type(value).model_fields for text in _texts(getattr(value, name))] if hasattr(type(value), "model_fields") else []
    )

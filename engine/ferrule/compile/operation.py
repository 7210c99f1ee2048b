"""Compiles one capability: parts that give rows, or steps that give one object."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import cache, partial
from typing import Any, get_args

from ferrule.capabilities import Capability
from ferrule.compile.compiler import SpecCompiler
from ferrule.compile.record import compile_record, field_spans
from ferrule.compile.sieve import sieve
from ferrule.diagnostics import Code, Span, did_you_mean
from ferrule.expressions import Expression, OfScope
from ferrule.pagination import Pager, Pagination
from ferrule.plan import Dedupe, Explode, HttpPlan, Loop, Operation, Part, Repeat, Row, Step, Verify
from ferrule.shape import SpecModel
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
_OBJECT_KEYS = ("steps", *_STEP_KEYS, "verify")
_LIST_KEYS = ("parts", "prepare", "into", "answer", "each", "rows", "values", "explode", "filter", "dedupe", "pages")
_PART_KEYS = ("request", "pages", "records", "rows", "values", "filter", "each", "explode", "record", "when", "into", "answer")


def compile_operation(
    capability: Capability, spec: OperationSpec, connector: ConnectorSpec, http: HttpPlan, compiler: SpecCompiler, origin: Span
) -> Operation:
    """The operation that `spec` describes for `capability`. `http` is what all requests of the connector share."""
    names = {"inputs": None if capability.takes_more else list(capability.inputs), "page": ["size"]}
    with compiler.within(names):
        worker = _Operation(capability, connector, http, compiler, origin)
        return worker.many(spec) if capability.many or capability.lists else worker.one(spec)


class _Operation:
    def __init__(self, capability: Capability, connector: ConnectorSpec, http: HttpPlan, compiler: SpecCompiler, origin: Span) -> None:
        self.capability, self.connector, self.http, self.compiler, self.origin = capability, connector, http, compiler, origin

    def many(self, spec: OperationSpec) -> Operation:
        """A list: one part or several."""
        written = spec.model_fields_set
        for key in _OBJECT_KEYS:
            if key in written:
                hint = "a list has parts: a request with pages, or `each`"
                self.compiler.report(MIXED, self.at(spec, key), f"`{key}` is not for a list", hint)
        inline = [key for key in _PART_KEYS if key in written and key != "record"]
        if spec.parts is not None and inline:
            message = f"`parts` and `{inline[0]}` do not go together"
            self.compiler.report(MIXED, self.at(spec, inline[0]), message, f"move `{inline[0]}` into one of the parts")
        with ExitStack() as scope:
            prepare = tuple(self.step(step, scope) for step in spec.prepare)
            parts = tuple(self.part(part, spec) for part in (spec.parts if spec.parts is not None else [spec]))
            dedupe = self.dedupe(spec.dedupe)
        return Operation(self.capability, parts, prepare, dedupe=dedupe, scopes=tuple(spec.scopes), origin=self.origin)

    def one(self, spec: OperationSpec) -> Operation:
        """One object: one step or several, and a record made from the last answer."""
        written = spec.model_fields_set
        for key in _LIST_KEYS:
            if key in written:
                message = f"`{key}` is for lists, and `{self.capability.name}` gives one object"
                self.compiler.report(NOT_FOR_OBJECT, self.at(spec, key), message)
        if spec.steps is not None and spec.request is not None:
            message = "`steps` and `request` do not go together"
            self.compiler.report(MIXED, self.at(spec, "request"), message, "make the request one of the steps")
        if spec.steps is None and spec.request is None and spec.record is None:
            self.compiler.report(
                NO_SOURCE,
                self.origin,
                f"`{self.capability.name}` says neither what to ask nor what to answer",
                "add `request:` or `steps:`",
            )
        steps = spec.steps or ([_only_step(spec)] if spec.request else [])
        with ExitStack() as scope:
            compiled = tuple(self.step(step, scope) for step in steps)
            readings = spec.verify if isinstance(spec.verify, list) else [spec.verify] if spec.verify else []
            verify = tuple(self.verify(reading) for reading in readings)
            records = self.compiler.expression(spec.records) if spec.records is not None else None
            row, fields = self.record(spec.record if spec.record is not None else {}, self.at(spec, "record"))
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

    def at(self, spec: SpecModel, key: str) -> Span:
        """The place of a key; of the capability, where it is not written."""
        return spec.key_at(key, otherwise=self.origin)

    def start(self, spec: SpecModel) -> Span:
        """Where a part or a level starts; of the only part of a capability, the capability's name."""
        return self.origin if isinstance(spec, OperationSpec) else spec.span

    def part(self, spec: PartSpec, operation: OperationSpec) -> Part:
        """One list, its outer walks first; each sees the names of those around it."""
        into = self.into(spec)
        when = self.compiler.scope_expression(spec.when) if spec.when is not None else None
        each = spec.each if isinstance(spec.each, list) else [spec.each] if spec.each else []
        with ExitStack() as scope:
            loops = []
            for level in each:
                loops.append(self.loop(level, self.compiler.bind(level.as_, level.value_at("as", otherwise=self.origin))))
                scope.enter_context(self.compiler.within({level.as_: None}))
            loops.append(self.loop(spec, None))
            answer = self.answer(spec)
            explode = self.explode(spec.explode, scope) if spec.explode else None
            says = spec if spec.record is not None else operation
            if says.record is None:
                self.compiler.report(NO_RECORD, self.start(spec), "nothing says how a record is made", "add `record:`")
            row, fields = self.record(says.record, self.at(says, "record"), into)
        loops[-1] = replace(loops[-1], sift=cache(partial(sieve, loops[-1], row, explode, answer, self.http)))
        return Part(tuple(loops), row, explode, when, into, answer, fields, loops[-1].origin)

    def into(self, spec: PartSpec) -> str | None:
        """The list of the answer that a part's records go into, where the answer holds lists."""
        lists = self.capability.lists
        if spec.into is not None and spec.into not in lists:
            hint = did_you_mean(spec.into, lists) or (f"it has {', '.join(lists)}" if lists else "its answer is the list")
            place = spec.value_at("into", otherwise=self.origin)
            self.compiler.report(UNKNOWN_REFERENCE, place, f"the answer of `{self.capability.name}` has no list `{spec.into}`", hint)
            return lists[0] if lists else None
        if spec.into is None and len(lists) > 1:
            self.compiler.report(
                UNKNOWN_REFERENCE,
                self.start(spec),
                "nothing says which list of the answer the records go into",
                f"add `into:`, one of {', '.join(lists)}",
            )
            return lists[0]
        return spec.into or (lists[0] if lists else None)

    def answer(self, spec: PartSpec) -> dict[str, Expression]:
        """What a part says of the answer besides its lists."""
        known = [name for name in self.capability.fields if name not in self.capability.lists] if self.capability.lists else []
        for name in spec.answer:
            if name not in known:
                hint = did_you_mean(name, known) or (f"it has {', '.join(known)}" if known else "there is nothing but records")
                message = f"the answer of `{self.capability.name}` has no field `{name}` besides its records"
                self.compiler.report(UNKNOWN_REFERENCE, spec.key_at("answer", name, otherwise=self.origin), message, hint)
        if spec.answer and spec.request is None:
            self.compiler.report(NO_SOURCE, self.at(spec, "answer"), "`answer` reads what the app answers, and nothing is asked here")
        return {name: self.compiler.expression(text) for name, text in spec.answer.items()}

    def loop(self, spec: SourceSpec, name: str | None) -> Loop:
        pages = self.pages(spec)
        if spec.request is None:
            if spec.rows is None and spec.values is None:
                hint = "add `request:`, `rows:` or `values:`"
                self.compiler.report(NO_SOURCE, self.start(spec), "nothing says where the records come from", hint)
            values = self.compiler.scope_expression(spec.values) if spec.values is not None else None
            rows = tuple(spec.rows) if spec.rows is not None else None
            keep = self.compiler.record_expression(spec.filter) if spec.filter is not None else None
            return Loop(name, values=values, rows=rows, filter=keep, origin=spec.values.span if spec.values is not None else self.origin)
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
        records = self.compiler.expression(spec.records if spec.records is not None else Text("body"))
        keep = self.compiler.record_expression(spec.filter) if spec.filter is not None else None
        return Loop(name, request, pager, records, filter=keep, origin=spec.request.path.span)

    def pages(self, spec: SourceSpec) -> Pagination | None:
        if not isinstance(spec.pages, str):
            return spec.pages
        if spec.pages not in self.connector.pagers:
            span = spec.pages.span if isinstance(spec.pages, Text) else self.origin
            kinds = {kind for pages in get_args(get_args(Pagination)[0]) for kind in get_args(pages.model_fields["kind"].annotation)}
            usual = f"write `{{kind: {spec.pages}}}`" if spec.pages in kinds else "define it under `pagers:`"
            hint = did_you_mean(spec.pages, self.connector.pagers) or usual
            self.compiler.report(UNKNOWN_REFERENCE, span, f"there is no pager `{spec.pages}`", hint)
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
                self.at(spec, "pages"),
                f"the {pages.kind} pagination never sends its position",
                f"say under which name with {wanted}",
            )

    def explode(self, spec: ExplodeSpec, scope: ExitStack) -> Explode:
        items = self.compiler.record_expression(spec.list)
        scope.enter_context(self.compiler.within({self.compiler.bind(spec.as_, spec.value_at("as", otherwise=spec.list.span)): None}))
        return Explode(items, spec.as_)

    def record(self, record: RecordFields | str | None, place: Span, into: str | None = None) -> tuple[Row, dict[str, Span]]:
        """The row function, and where each field is described. `place` is where the record is written or named."""
        if isinstance(record, str):
            place = record.span if isinstance(record, Text) else place
            if record not in self.connector.records:
                hint = did_you_mean(record, self.connector.records) or "define it under `records:`"
                self.compiler.report(UNKNOWN_REFERENCE, place, f"there is no record `{record}`", hint)
            record = self.connector.records.get(Text(record))
        if record is None:
            return compile_record({}, {}, self.compiler, place), {}
        listed = self.capability.fields[into].item if into is not None else None
        known = listed.fields if listed else self.capability.fields
        row = compile_record(record, known, self.compiler, place, self.given(), open_=self.capability.is_open)
        return row, field_spans(record, place)

    def given(self) -> dict[str, OfScope]:
        """What the capability fills by itself: what success means, and what repeats the request."""
        fixed: dict[str, OfScope] = {name: _always(value) for name, value in self.capability.default.items()}
        return fixed | {name: _echo(name) for name in self.capability.echo}

    def step(self, spec: StepSpec, scope: ExitStack) -> Step:
        when = self.compiler.scope_expression(spec.when) if spec.when is not None else None
        each = None
        if spec.each:
            name = self.compiler.bind(spec.each.as_, spec.each.value_at("as", otherwise=self.origin))
            each = (name, self.compiler.scope_expression(spec.each.values))
        with self.inside(spec):
            request = spec.request.compile(self.compiler)
            already = self.compiler.expression(spec.already) if spec.already is not None else None
            repeat = self.repeat(spec.repeat) if spec.repeat else None
            save = {name: self.compiler.expression(text) for name, text in spec.save.items()}
        for name in spec.save:
            place = spec.key_at("save", name, otherwise=spec.save[name].span)
            scope.enter_context(self.compiler.within({self.compiler.bind(name, place): None}))
        with self.inside(spec):
            undo = spec.undo.compile(self.compiler) if spec.undo else None
        return Step(request, when, each, save, already, repeat, undo, spec.request.path.span)

    def inside(self, spec: StepSpec) -> AbstractContextManager[None]:
        """What a step is done for each of is in scope within it."""
        return self.compiler.within({spec.each.as_: None}) if spec.each else nullcontext()

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


def _only_step(spec: OperationSpec) -> StepSpec:
    """The one step whose keys stand right under the capability."""
    step = StepSpec.model_construct(**{key: getattr(spec, key) for key in ("request", "when", *_STEP_KEYS)}, each=None, undo=None)
    return step.written_like(spec)


def _always(value: Any) -> OfScope:
    return OfScope(lambda scope: value)


def _echo(name: str) -> OfScope:
    return OfScope(lambda scope: scope["inputs"].get(name))


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

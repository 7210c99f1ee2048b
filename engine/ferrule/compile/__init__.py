"""Spec in, plan out: every finding of a file collected, then either a plan or `SpecError`."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ferrule.auth.address import NO_ADDRESS
from ferrule.auth.combined import joined
from ferrule.capabilities import CAPABILITIES, Capability, custom, misspelled
from ferrule.compile.compiler import Names, SpecCompiler
from ferrule.compile.describe import derived
from ferrule.compile.logins import logins
from ferrule.compile.operation import compile_operation
from ferrule.compile.unused import compile_unused
from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, did_you_mean, file_name
from ferrule.outcome import Verdicts, listed
from ferrule.plan import Budget, HttpPlan, Operation, Plan, Retry, Throttle
from ferrule.request import RequestPlan, leaf
from ferrule.source import ENCODING, Table, Text, key_span, read
from ferrule.spec.load import load
from ferrule.spec.model import ConnectorSpec, HttpSpec
from ferrule.templates import Template

UNKNOWN_CAPABILITY = Code("C350", "unknown-capability")
UNKNOWN_BUDGET = Code("C351", "unknown-budget")
DERIVED = Code("C352", "derived-capability")
UNREADABLE = Code("Y106", "unreadable-file")


def compile_file(path: Path) -> Plan:
    """The plan of the spec at `path`. Raises `SpecError` with every finding."""
    return compile_text(*read_file(path))


def read_file(path: Path) -> tuple[str, str]:
    """The text of the spec at `path`, and the name that findings give the file. Raises `SpecError` where it cannot be read."""
    file = file_name(path)
    try:
        content = path.read_bytes().removeprefix(BOM_UTF8)
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode().split("\n")
        message = f"the byte 0x{content[error.start]:02X} is not UTF-8"
        span = Span(file, len(before), len(before[-1]) + 1)
        raise SpecError([Diagnostic(ENCODING, span, message, "save the file as UTF-8")]) from error
    except OSError as error:
        raise SpecError([Diagnostic(UNREADABLE, Span(file, 1, 1), f"the file cannot be read: {error.strerror}")]) from error
    return text, file


def compile_text(text: str, file: str = "<memory>") -> Plan:
    """The plan of the spec in `text`. Raises `SpecError` with every finding."""
    tree = read(text, file)
    return compile_spec(load(tree), tree, file)


def compile_spec(spec: ConnectorSpec, tree: Table, file: str, start: Callable[[Names], SpecCompiler] = SpecCompiler) -> Plan:
    """The plan of a loaded spec; `tree` is what it was loaded from, for places. `start` makes the compiler: one that watches,
    say, as coverage has it."""
    compiler = start({"settings": list(spec.settings), "session": []})
    compiler.ldap = spec.ldap
    with compiler.within({"credential": []}):
        auths = joined(spec.auth, compiler)
    fields = sorted({f.name for auth in auths.values() for f in auth.fields})
    with compiler.within({"credential": fields}):
        http = _http(spec.http, compiler)
        compiler.connection = spec.ldap.connection(lambda value, landing: leaf(value, compiler, landing))
        operations = _operations(spec, tree, http, compiler)
        compile_unused(spec, tree, compiler)
    _check_requirements(spec, tree, compiler)
    requests = [request for operation in operations.values() for request in _requests(operation)]
    for request in [*requests, *(request for auth in auths.values() for request in auth.requests)]:
        _check_request(request, http, compiler)
    if compiler.found:
        raise SpecError(compiler.found)
    http = replace(http, ldap=any(request.kind == "ldap" for request in requests))
    operations = {**logins(spec, auths, http), **operations}
    operations = {**derived(spec, auths, http, operations), **operations}
    return Plan(spec, auths, http, operations, file)


def _operations(spec: ConnectorSpec, tree: Table, http: HttpPlan, compiler: SpecCompiler) -> dict[str, Operation]:
    operations, spans = {}, {str(name): name.span for name in tree.get("capabilities", ())}
    for name, operation in spec.capabilities.items():
        capability = _capability(name, spans[name], compiler)
        if capability is not None:
            operations[name] = compile_operation(capability, operation, spec, http, compiler, spans[name])
    return operations


def _check_requirements(spec: ConnectorSpec, tree: Table, compiler: SpecCompiler) -> None:
    """What an entitlement type says of a capability, it says of one that there is."""
    known = {*CAPABILITIES, *spec.capabilities}
    for kind, said in spec.entitlement_types.items():
        for name in said.requirements:
            if name not in known:
                place = key_span(tree, ("entitlement_types", kind, "requirements", name))
                compiler.report(UNKNOWN_CAPABILITY, place, f"there is no capability `{name}`", did_you_mean(name, known))


def _capability(name: str, span: Span, compiler: SpecCompiler) -> Capability | None:
    known = CAPABILITIES.get(name)
    if known is not None:
        if known.level == "describe":
            compiler.report(DERIVED, span, f"`{name}` follows from the spec and is not written", "remove it")
            return None
        return known
    meant = misspelled(name)
    if meant is not None:
        compiler.report(UNKNOWN_CAPABILITY, span, f"the contract has no capability `{name}`", f"did you mean `{meant}`?")
        return None
    try:
        return custom(name)
    except ValueError as error:
        compiler.report(UNKNOWN_CAPABILITY, span, str(error), did_you_mean(name, CAPABILITIES))
        return None


def _http(spec: HttpSpec, compiler: SpecCompiler) -> HttpPlan:
    throttle = spec.throttle
    return HttpPlan(
        base_url=_address(spec.base_url, compiler),
        headers=tuple((name, leaf(value, compiler, "header")) for name, value in spec.headers.items()),
        query=tuple((name, leaf(value, compiler)) for name, value in spec.query.items()),
        hosts=tuple(_address(host, compiler) for host in spec.hosts),
        verdicts=Verdicts(
            rules=tuple(rule.compile(compiler) for rule in spec.errors),
            message=compiler.expression(spec.error_message) if spec.error_message is not None else None,
            app_code=compiler.expression(spec.error_code) if spec.error_code is not None else None,
            waits=tuple(wait.compile(compiler) for wait in listed(spec.wait)),
        ),
        retry=Retry(spec.retry.attempts, float(spec.retry.backoff), float(spec.retry.max_backoff)),
        concurrency=spec.concurrency,
        budgets={name: Budget(budget.requests, float(budget.per)) for name, budget in spec.budgets.items()},
        throttle=Throttle(
            compiler.expression(throttle.remaining),
            float(throttle.low),
            tuple(wait.compile(compiler) for wait in listed(throttle.wait)),
            compiler.expression(throttle.restore) if throttle.restore is not None else None,
            compiler.expression(throttle.limit) if throttle.limit is not None else None,
        )
        if throttle
        else None,
        timeout=float(spec.timeout),
    )


def _address(text: Text, compiler: SpecCompiler) -> Template:
    _check_address(text, compiler)
    return compiler.template(text)


def _check_address(text: Text, compiler: SpecCompiler) -> None:
    """An address begins with a scheme or with a value. That of a login is checked by its kind already."""
    known = any(found.code is NO_ADDRESS and found.span == text.span for found in compiler.found)
    if not known and not re.match(r"(?:http|ldap)s?://|\{[{%]", text, re.IGNORECASE):
        compiler.report(NO_ADDRESS, text.span, "this is not the address of a host", "begin with `https://` or a setting")


def _requests(operation: Operation) -> Iterator[RequestPlan]:
    """Every request of an operation."""
    yield from (loop.request for part in operation.parts for loop in part.loops if loop.request is not None)
    for step in (*operation.prepare, *operation.steps):
        yield from filter(None, (step.request, step.undo))
    yield from (verify.request for verify in operation.verify)


def _check_request(request: RequestPlan, http: HttpPlan, compiler: SpecCompiler) -> None:
    """What can only be told of a request when all of `http:` is known."""
    if request.base_url is not None:
        _check_address(request.base_url.text, compiler)
    if request.budget is not None and request.budget not in http.budgets:
        hint = did_you_mean(request.budget, http.budgets) or "define it under `http.budgets`"
        compiler.report(UNKNOWN_BUDGET, request.budget.span, f"there is no budget `{request.budget}`", hint)

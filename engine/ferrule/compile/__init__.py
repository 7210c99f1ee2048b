"""Spec in, plan out: every finding of a file collected, then either a plan or `SpecError`."""

from __future__ import annotations

from pathlib import Path

from ferrule.capabilities import CAPABILITIES, Capability, custom
from ferrule.compile.compiler import SpecCompiler
from ferrule.compile.describe import derived
from ferrule.compile.operation import compile_operation
from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, did_you_mean
from ferrule.outcome import Verdicts, listed
from ferrule.plan import Budget, HttpPlan, Operation, Plan, Retry, Throttle
from ferrule.request import leaf
from ferrule.source import ENCODING, Table, key_span, read
from ferrule.spec.load import load
from ferrule.spec.model import ConnectorSpec, HttpSpec

UNKNOWN_CAPABILITY = Code("C350", "unknown-capability")
UNKNOWN_BUDGET = Code("C351", "unknown-budget")
DERIVED = Code("C352", "derived-capability")
UNREADABLE = Code("Y106", "unreadable-file")


def compile_file(path: Path) -> Plan:
    """The plan of the spec at `path`. Raises `SpecError` with every finding."""
    file = str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError([Diagnostic(ENCODING, Span(file, 1, 1), "the file is not UTF-8")]) from error
    except OSError as error:
        raise SpecError([Diagnostic(UNREADABLE, Span(file, 1, 1), f"the file cannot be read: {error.strerror}")]) from error
    return compile_text(text, file)


def compile_text(text: str, file: str = "<memory>") -> Plan:
    """The plan of the spec in `text`. Raises `SpecError` with every finding."""
    tree = read(text, file)
    return compile_spec(load(tree), tree, file)


def compile_spec(spec: ConnectorSpec, tree: Table, file: str) -> Plan:
    """The plan of a loaded spec; `tree` is what it was loaded from, for places."""
    compiler = SpecCompiler({"settings": list(spec.settings), "session": []})
    with compiler.within({"credential": []}):
        auths = {name: auth.compile(compiler) for name, auth in spec.auth.items()}
    fields = sorted({f.name for auth in auths.values() for f in auth.fields})
    with compiler.within({"credential": fields}):
        http = _http(spec.http, compiler)
        operations = _operations(spec, tree, compiler)
    for name, operation in operations.items():
        _check_budgets(name, operation, http, compiler)
    if compiler.found:
        raise SpecError(compiler.found)
    operations = {**derived(spec, auths, operations), **operations}
    return Plan(spec, auths, http, operations, file)


def _operations(spec: ConnectorSpec, tree: Table, compiler: SpecCompiler) -> dict[str, Operation]:
    operations = {}
    for name, operation in spec.capabilities.items():
        span = key_span(tree, ("capabilities", name))
        capability = _capability(name, span, compiler)
        if capability is not None:
            operations[name] = compile_operation(capability, operation, spec, compiler, span)
    return operations


def _capability(name: str, span: Span, compiler: SpecCompiler) -> Capability | None:
    known = CAPABILITIES.get(name)
    if known is not None:
        if known.level == "describe" and known.name in ("info", "app_info", "list_connector_app_ids"):
            compiler.report(DERIVED, span, f"`{name}` follows from the spec and is not written", "remove it")
            return None
        return known
    hint = did_you_mean(name, CAPABILITIES)
    if hint is not None:
        compiler.report(UNKNOWN_CAPABILITY, span, f"the contract has no capability `{name}`", hint)
        return None
    try:
        return custom(name)
    except ValueError as error:
        compiler.report(UNKNOWN_CAPABILITY, span, str(error))
        return None


def _http(spec: HttpSpec, compiler: SpecCompiler) -> HttpPlan:
    throttle = spec.throttle
    return HttpPlan(
        base_url=compiler.template(spec.base_url),
        headers=tuple((name, leaf(value, compiler, "header")) for name, value in spec.headers.items()),
        query=tuple((name, leaf(value, compiler)) for name, value in spec.query.items()),
        hosts=tuple(compiler.template(host) for host in spec.hosts),
        verdicts=Verdicts(
            rules=tuple(rule.compile(compiler) for rule in spec.errors),
            message=compiler.expression(spec.error_message) if spec.error_message else None,
            app_code=compiler.expression(spec.error_code) if spec.error_code else None,
            waits=tuple(wait.compile(compiler) for wait in listed(spec.wait)),
        ),
        retry=Retry(spec.retry.attempts, float(spec.retry.backoff), float(spec.retry.max_backoff)),
        concurrency=spec.concurrency,
        budgets={name: Budget(budget.requests, float(budget.per)) for name, budget in spec.budgets.items()},
        throttle=Throttle(
            compiler.expression(throttle.remaining),
            float(throttle.low),
            tuple(wait.compile(compiler) for wait in listed(throttle.wait)),
            compiler.expression(throttle.restore) if throttle.restore else None,
        )
        if throttle
        else None,
        timeout=float(spec.timeout),
    )


def _check_budgets(name: str, operation: Operation, http: HttpPlan, compiler: SpecCompiler) -> None:
    requests = [step.request for step in operation.steps] + [
        loop.request for part in operation.parts for loop in part.loops if loop.request
    ]
    for request in requests:
        if request.budget and request.budget not in http.budgets:
            hint = did_you_mean(request.budget, http.budgets) or "define it under `http.budgets`"
            compiler.report(UNKNOWN_BUDGET, request.origin, f"there is no budget `{request.budget}`", hint)

"""Lint: what is legal in a spec and probably a mistake.

One module a rule, named for what it reports; its docstring is the manual page. Each has `CODE` and `check`, and `fix` where
the remedy is mechanical and safe. The list below is the registry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from ferrule.compile import compile_spec
from ferrule.diagnostics import Code, Diagnostic, SpecError
from ferrule.lint import (
    account_without_name,
    anchored_definition,
    association_without_resource,
    attribute_never_given,
    constant_predicate,
    dead_error_rule,
    early_end,
    endless_pager,
    error_taken_for_answer,
    header_in_capitals,
    hidden_status,
    idle_ignore,
    ignore_without_reason,
    incomplete_map,
    lossy_dedupe,
    name_sometimes_missing,
    plain_http,
    raw_text,
    record_without_id,
    repeated_write,
    secret_in_spec,
    setting_in_record,
    shadowed_name,
    status_never_changes,
    unassignable_entitlement,
    undeclared_attribute,
    undeclared_entitlement_type,
    undeclared_resource_type,
    undeclared_scope,
    unfit_expression,
    unlisted_entitlement_type,
    unlisted_resource_type,
    unpaged_list,
    unpaired_capability,
    unquoted_value,
    untrusted_host,
    unused_credential_field,
    unused_name,
    unused_setting,
    unwritable_value,
    wide_host,
    write_that_only_reads,
    write_without_already,
    write_without_undo,
    write_without_verify,
)
from ferrule.lint.ignores import ignores, silence
from ferrule.lint.subject import Subject
from ferrule.plan import Plan
from ferrule.source import Table, read
from ferrule.spec.load import load


class Page(Protocol):
    """A module that has a code, and whose docstring is the code's manual page."""

    CODE: Code
    __doc__: str | None


class Rule(Page, Protocol):
    """What a rule's module holds."""

    def check(self, subject: Subject) -> Iterator[Diagnostic]:
        """Every finding in the spec."""


RULES: tuple[Rule, ...] = (
    # records and types
    record_without_id,
    account_without_name,
    association_without_resource,
    undeclared_entitlement_type,
    unlisted_entitlement_type,
    undeclared_resource_type,
    unlisted_resource_type,
    unfit_expression,
    incomplete_map,
    hidden_status,
    status_never_changes,
    undeclared_attribute,
    attribute_never_given,
    # writes
    repeated_write,
    write_without_already,
    write_without_verify,
    write_without_undo,
    unpaired_capability,
    unassignable_entitlement,
    write_that_only_reads,
    # walks
    endless_pager,
    early_end,
    unpaged_list,
    lossy_dedupe,
    # answers
    dead_error_rule,
    constant_predicate,
    header_in_capitals,
    error_taken_for_answer,
    # names
    unused_setting,
    unused_credential_field,
    unused_name,
    undeclared_scope,
    name_sometimes_missing,
    shadowed_name,
    unwritable_value,
    anchored_definition,
    setting_in_record,
    # where data and credentials go
    secret_in_spec,
    plain_http,
    untrusted_host,
    wide_host,
    raw_text,
    unquoted_value,
)

_PAGED: tuple[Page, ...] = (*RULES, ignore_without_reason, idle_ignore)

PAGES: dict[Code, str] = {module.CODE: (module.__doc__ or "").strip() for module in _PAGED}
"""The manual page of each code of lint."""

CODES = frozenset(code.id for code in PAGES)
"""The numbers of all codes of lint."""

FIXES = {header_in_capitals.CODE: header_in_capitals.fix, idle_ignore.CODE: idle_ignore.fix}
"""What writes the file anew without a finding, for the codes whose remedy is mechanical and safe."""


def lint(plan: Plan, tree: Table, text: str, codes: Collection[str] | None = None) -> list[Diagnostic]:
    """Every finding of the rules in file order, those left out that an ignore silences, and what is wrong with the ignores.

    `tree` is what the plan was compiled from, `text` the file. `codes` are those to look for, all without them.
    """
    wanted = CODES if codes is None else frozenset(codes)
    subject, comments = Subject(plan, tree, text), tuple(ignores(text, plan.file))
    found = [finding for rule in RULES if rule.CODE.id in wanted for finding in _once(rule.check(subject))]
    left, used = silence(found, comments)
    left += [*ignore_without_reason.check(comments), *idle_ignore.check(comments, used, wanted)]
    return sorted((d for d in left if d.code.id in wanted), key=lambda d: (d.span.line, d.span.column, d.code.id))


def diagnose(text: str, file: str = "<memory>", codes: Collection[str] | None = None) -> list[Diagnostic]:
    """Every finding of every stage, in file order: of lint only where nothing before it stands in the way. `codes` choose
    among those of lint."""
    try:
        tree = read(text, file)
        plan = compile_spec(load(tree), tree, file)
    except SpecError as error:
        return list(error.diagnostics)
    return lint(plan, tree, text, codes)


def fixed(text: str, found: Iterable[Diagnostic]) -> str:
    """The file without those findings whose remedy is mechanical. Later places first, so that earlier ones stay where they are."""
    for finding in sorted(found, key=lambda finding: (-finding.span.line, -finding.span.column)):
        if finding.code in FIXES:
            text = FIXES[finding.code](text, finding)
    return text


def _once(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """One finding of a place: what stands behind an anchor is looked at wherever it is used."""
    seen = set()
    for finding in found:
        if (finding.span, finding.code.id) not in seen:
            seen.add((finding.span, finding.code.id))
            yield finding

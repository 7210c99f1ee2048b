"""Commands that judge specs: lint, rule."""

from __future__ import annotations

import gc
import hashlib
import re
from codecs import BOM_UTF8
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ferrule.cli.findings import Format, annotation, sarif
from ferrule.cli.output import count, describe, err, failures, out, print_diagnostics, print_json, safe
from ferrule.cli.remembered import remembered
from ferrule.cli.specs import FOLDERS, AsJson
from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, file_name, render
from ferrule.library import apps

if TYPE_CHECKING:
    from ferrule.against import Description
    from ferrule.plan import Plan


def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Spec files, or folders of them. All connectors there are when left out.")
    ] = None,
    shape: Annotated[Format, typer.Option("--format", help="For a person, or for a program.")] = Format.HUMAN,
    as_json: Annotated[bool, typer.Option("--json", help="Short for `--format json`.")] = False,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="CODE", help="Only these codes of lint; `L46` is all that begin so.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="CODE", help="All codes of lint but these.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Write the files anew, where the remedy is mechanical and safe.")] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", help="The vendor's own OpenAPI or Swagger description, to hold the specs against; may be given twice."),
    ] = None,
) -> None:
    """Check specs. Every finding has a code, a line and a column; exit code 1 if there is any.

    What is legal and probably a mistake has codes that begin with `L`; `ferrule rule CODE` explains one.
    """
    shape = Format.JSON if as_json else shape
    codes = chosen(select, ignore)
    description = described(against, as_json=shape is Format.JSON) if against else None
    files, empty = spec_files(paths)
    found, fixed = all_checked(files, codes, description, fix=fix)
    found = empty + found
    show(found, shape)
    if shape is Format.HUMAN:
        words = (
            f"{count(len(files), 'spec')}, {count(len(found), 'finding') if found else 'no findings'}{f', {fixed} fixed' if fixed else ''}"
        )
        err.print(f"[bold {'red' if found else 'green'}]{words}[/]")
    raise typer.Exit(1 if found else 0)


def spec_files(paths: list[Path] | None) -> tuple[list[Path], list[Diagnostic]]:
    """The files that are meant, and a finding for each folder without any."""
    from ferrule.compile import UNREADABLE

    files: list[Path] = []
    found: list[Diagnostic] = []
    for path in paths or apps(FOLDERS).values():
        held = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        files += held
        if not held:
            found.append(Diagnostic(UNREADABLE, Span(str(path), 1, 1), "there is no spec in this folder", "a spec is a file `<app>.yaml`"))
    return files, found


def chosen(select: list[str] | None, ignore: list[str] | None) -> frozenset[str]:
    """The codes of lint that are looked for. A word may stand for all codes that begin with it."""
    from ferrule.lint import CODES

    def named(words: list[str]) -> frozenset[str]:
        found = {word: {code for code in CODES if code.startswith(word)} for word in words if word}
        for word, codes in found.items():
            if not codes:
                raise typer.BadParameter(f"`{word}` is no code of lint; `ferrule rule` lists them")
        return frozenset().union(*found.values())

    words = [re.split(r"[\s,]+", ",".join(given or [])) for given in (select, ignore)]
    return (named(words[0]) if select else CODES) - named(words[1])


def all_checked(files: list[Path], codes: frozenset[str], description: Description | None, *, fix: bool) -> tuple[list[Diagnostic], int]:
    """What is found in all files, and how many findings were mended.

    The garbage collector rests: judging a spec leaves no circles behind, and to look for them takes a fifth of the time.
    """
    found: list[Diagnostic] = []
    fixed = 0
    collects = gc.isenabled()
    gc.disable()
    try:
        for file in files:
            findings, mended = checked(file, codes, description, fix=fix)
            found += findings
            fixed += mended
    finally:
        if collects:
            gc.enable()
    return found, fixed


def checked(file: Path, codes: frozenset[str], description: Description | None, *, fix: bool) -> tuple[list[Diagnostic], int]:
    """What is found in a file, and how many findings were mended. What was found in the very same text before is found again."""
    if description is not None or fix:
        return judged(file, codes, description, fix=fix)
    what = f"lint-{hashlib.sha256(' '.join(sorted(codes)).encode()).hexdigest()[:8]}"
    kept = remembered(file, what, lambda: [_row(finding) for finding in judged(file, codes, None, fix=False)[0]])
    name = file_name(file)
    return [Diagnostic(Code(*code), Span(name, *place), message, hint) for code, place, message, hint in kept], 0


def _row(finding: Diagnostic) -> Any:
    """A finding as JSON has it, without the name of its file."""
    code, span = finding.code, finding.span
    return [[code.id, code.name, code.severity], [span.line, span.column, span.length], finding.message, finding.hint]


def judged(file: Path, codes: frozenset[str], description: Description | None, *, fix: bool) -> tuple[list[Diagnostic], int]:
    """What is found in a file now, and how many findings were mended."""
    from ferrule.compile import compile_spec, read_file
    from ferrule.lint import diagnose, fixed, lint
    from ferrule.source import read
    from ferrule.spec.load import load

    try:
        text, name = read_file(file)
        tree = read(text, name)
        plan = compile_spec(load(tree), tree, name)
    except SpecError as error:
        return list(error.diagnostics), 0
    found, mended = lint(plan, tree, text, codes), 0
    if fix and (after := fixed(text, found)) != text:
        mark = BOM_UTF8 if file.read_bytes().startswith(BOM_UTF8) else b""
        file.write_bytes(mark + after.encode())
        before, found = found, diagnose(after, name, codes)
        mended = len(before) - len(found)
    return found + (held_against(plan, description, codes) if description else []), mended


def described(paths: list[Path], *, as_json: bool) -> Description:
    """The vendor's description in these files."""
    from ferrule.against import read_description

    with failures(as_json=as_json):
        return read_description(paths)


def held_against(plan: Plan, description: Description, codes: frozenset[str]) -> list[Diagnostic]:
    """What a description contradicts in a spec, without what the spec ignores, and the ignores of it that are idle. How much of
    the spec it speaks of is told on standard error."""
    from ferrule.against import check
    from ferrule.lint import idle_ignore
    from ferrule.lint.ignores import ignores, silence

    report = check(plan, description)
    err.print(f"{plan.app_id}: {'; '.join(report.lines)}", markup=False)
    if report.requests == 0:
        err.print(f"[bold yellow]{plan.app_id}: not one of its requests is in this description[/]")
    text = Path(plan.file).read_text(encoding="utf-8-sig")
    comments = tuple(ignores(text, plan.file))
    left, used = silence(report.diagnostics, comments)
    if idle_ignore.CODE.id in codes and report.requests:
        left += idle_ignore.of_descriptions(comments, used, {each.span.line for each in report.unchecked})
    return sorted(left, key=lambda finding: (finding.span.line, finding.span.column, finding.code.id))


def show(found: list[Diagnostic], shape: Format) -> None:
    """Print findings: for a person on standard error, for a program on standard output."""
    from ferrule.lint import PAGES, secret_in_spec

    if shape is Format.JSON:
        print_json([describe(finding) for finding in found])
    elif shape is Format.SARIF:
        print_json(sarif(found, PAGES))
    elif shape is Format.GITHUB:
        for finding in found:
            typer.echo(annotation(finding))
    else:
        for finding in found:  # the line of a secret holds the secret
            err.print(safe(render(finding, None))) if finding.code == secret_in_spec.CODE else print_diagnostics([finding])


def complete_code(incomplete: str) -> list[str]:
    """Codes for the shell's completion."""
    from ferrule.lint import CODES

    return [code for code in sorted(CODES) if code.startswith(incomplete)]


def rule(
    code: Annotated[str | None, typer.Argument(help="A code of lint, such as `L401`.", autocompletion=complete_code)] = None,
    as_json: AsJson = False,
) -> None:
    """What a code of lint means, with an example of what is reported and of what is fine; without a code, the list of them."""
    from ferrule.lint import CODES, PAGES

    if code is not None and code not in CODES:
        raise typer.BadParameter(f"there is no rule `{code}`; `ferrule rule` lists them", param_hint="CODE")
    shown = [each for each in PAGES if code in (None, each.id)]
    if as_json:
        print_json([{"code": each.id, "name": each.name, "severity": each.severity, "page": PAGES[each]} for each in shown])
    elif code is None:
        out.print("\n".join(f"{each.id}  {each.name:28}{PAGES[each].partition(chr(10))[0]}" for each in shown), markup=False)
    else:
        out.print(f"{shown[0].id} {shown[0].name} ({shown[0].severity})\n\n{PAGES[shown[0]]}", markup=False)

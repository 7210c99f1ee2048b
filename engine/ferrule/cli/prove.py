"""Commands that prove a connector: demo, test, record."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ferrule.cli import figures, given, specs
from ferrule.cli.output import SHOWN_ROWS, clean, count, err, failures, out, plain, print_json, progress, safe, table
from ferrule.cli.run import AuthName, CredentialFile, PageSize, Setting, SettingsFile
from ferrule.cli.specs import App, AsJson, complete_app, load
from ferrule.errors import BadInput
from ferrule.library import find_spec

if TYPE_CHECKING:
    from ferrule.coverage import Coverage
    from ferrule.demo import Demo
    from ferrule.mutation import Score
    from ferrule.replay import Report


def demo(
    app: Annotated[
        str, typer.Argument(help="An app with a recorded demonstration; with `--live`, any app.", autocompletion=complete_app)
    ] = "jupyterhub",
    live: Annotated[bool, typer.Option("--live", help="Ask the application itself: give `--credential` and `--set`.")] = False,
    credential: CredentialFile = None,
    setting: Setting = None,
    settings: SettingsFile = None,
    auth: AuthName = None,
    as_json: AsJson = False,
) -> None:
    """Who has access to what. Without `--live` it replays a recording of a real application: no credential, no network."""
    from ferrule.demo import ask
    from ferrule.demo import demo as replayed

    with failures(as_json=as_json):
        if live:
            connector = load(app)
            opened = given.credential(connector, credential, auth), given.settings(connector, setting or [], settings)
            with connector.instance(*opened, auth=auth) as tenant, progress(f"asking {connector.plan.spec.app.name}"):
                made = ask(tenant)
        else:
            made = replayed(app)
    if as_json:
        activity = {account: plain(event) for account, event in (made.last_activity or {}).items()}
        print_json(
            {
                "app": made.name,
                "counts": made.counts,
                "associations": plain(made.associations),
                "last_activity": activity,
                "seconds": made.seconds,
            }
        )
    else:
        _show(made)


def _show(made: Demo) -> None:
    """The matrix, the counts and where they come from."""
    header = made.header
    version = f" {header.application_version}" if header and header.application_version else ""
    source = f"{_FROM[header.provenance]} {header.application}{version} on {header.date}" if header else "asked just now"
    out.print(f"[bold]{safe(made.name)}[/bold]: who has access to what ({safe(source)})\n")
    columns = [_column(made, index) for index in range(len(made.entitlements))]
    rows = []
    for account, held in zip(made.accounts, made.matrix, strict=True):
        row: dict[str, Any] = {
            "account": account.username or account.email or account.integration_specific_id,
            "status": account.user_status,
        }
        row |= (
            {name: "●" if has else "" for name, has in zip(columns, held, strict=True)}
            if len(columns) <= _MOST_COLUMNS
            else {"entitlements": sum(held)}
        )
        if made.last_activity is not None:
            activity = made.last_activity.get(account.integration_specific_id)
            row["last activity"] = activity.happened_at[:10] if activity else ""
        rows.append(row)
    table(rows)
    out.print("\n" + ", ".join(f"{number} {name if number != 1 else _ONE.get(name, name)}" for name, number in made.counts.items()))
    if len(made.accounts) > SHOWN_ROWS or len(columns) > _MOST_COLUMNS:
        out.print("[dim]`--json` has all of them[/dim]")
    if made.strays:
        out.print(f"[yellow]{count(len(made.strays), 'association')} of accounts or entitlements that are in no list[/yellow]")
    asked = f"{count(made.requests, 'request')} replayed" if made.requests is not None else "asked"
    out.print(f"[dim]{asked} in {made.seconds:.2f} s[/dim]")


_MOST_COLUMNS = 8
_FROM = {"recorded": "recorded from", "described": "from the vendor's description of", "documented": "from the vendor's pages on"}
_ONE = {"accounts": "account", "resources": "resource", "entitlements": "entitlement", "associations": "association"}


def _column(made: Demo, index: int) -> str:
    entitlement = made.entitlements[index]
    resource = entitlement.integration_specific_resource_id
    labels = {each.integration_specific_id: each.label for each in made.resources}
    same = sum(1 for each in made.entitlements if each.integration_specific_resource_id == resource)
    if not resource:
        return entitlement.label
    return labels.get(resource, resource) if same == 1 else f"{labels.get(resource, resource)} {entitlement.label}"


def test(
    apps: Annotated[
        list[str] | None, typer.Argument(help="Apps or spec files; all that have cassettes when left out.", autocompletion=complete_app)
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say which lines of each spec ran, and which did not.")] = False,
    lcov_file: Annotated[
        Path | None, typer.Option("--coverage-lcov", help="Write what ran as an lcov tracefile, which editors read.", metavar="FILE")
    ] = None,
    fail_under: Annotated[
        float | None, typer.Option("--fail-under", help="Exit code 1 if less than so many percent of a spec ran.")
    ] = None,
    mutate: Annotated[bool, typer.Option("--mutate", help="Break each spec in many ways, and say which ways nobody noticed.")] = False,
    fail_under_mutation: Annotated[
        float | None, typer.Option("--fail-under-mutation", help="Exit code 1 if less than so many percent were noticed.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes that break specs at the same time.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Replay cassettes: the same calls, no network, and the same records must come. Exit code 1 if anything differs."""
    from ferrule.replay import replay_all

    with failures(as_json=as_json), progress("replaying") as tell:
        reports = []
        for report in replay_all(apps or [], specs.FOLDERS):
            reports.append(report)
            tell(count(len(reports), "cassette"))
    passed = bool(reports) and all(report.passed for report in reports)
    wanted = [find_spec(app, specs.FOLDERS) for app in (apps or dict.fromkeys(report.path.parent.name for report in reports))]
    measured: list[Coverage] = []
    scores: list[Score] = []
    with failures(as_json=as_json):
        if coverage or lcov_file or fail_under is not None:
            measured = _measured(wanted, lcov_file)
        if passed and (mutate or fail_under_mutation is not None):
            scores = _scored(wanted, jobs)
    if as_json and not measured and not scores:
        print_json([_told(report) for report in reports])
    elif as_json:
        more = {"coverage": [*map(figures.coverage_as_json, measured)], "mutation": [*map(figures.mutation_as_json, scores)]}
        print_json({"cassettes": [_told(report) for report in reports], **more})
    else:
        for report in reports:
            _tell(report)
        failed = sum(not report.passed for report in reports)
        calls = sum(len(report.calls) for report in reports)
        words = f"{count(len(reports), 'cassette')}, {count(calls, 'call')}, {f'{failed} failed' if failed else 'all as recorded'}"
        out.print(f"[bold {'red' if failed else 'green'}]{words}[/]" if reports else "[bold red]there are no cassettes[/]")
        figures.show_coverage(measured) if measured else None
        figures.show_mutation(scores) if scores else None
    enough = all(each.percent >= (fail_under or 0) for each in measured) and all(
        each.percent >= (fail_under_mutation or 0) for each in scores
    )
    raise typer.Exit(0 if passed and enough else 1)


def _measured(wanted: list[Path], lcov_file: Path | None) -> list[Coverage]:
    """What the cassettes of each spec make run; written to a file where one is given."""
    from ferrule.coverage import cover, lcov

    measured = [cover(spec)[0] for spec in wanted]
    if lcov_file is not None:
        lcov_file.write_text(lcov(measured), encoding="utf-8")
    return measured


def _scored(wanted: list[Path], jobs: int) -> list[Score]:
    """Each spec broken in every way."""
    from ferrule.mutation import score

    scores = []
    for spec in wanted:
        with progress(f"breaking {spec.stem}") as tell:
            scores.append(score(spec, jobs=jobs, told=lambda done, of: tell(f"{done} of {of}")))
    return scores


def _tell(report: Report) -> None:
    provenance = f" [dim]({report.header.provenance}, {safe(report.header.application)})[/dim]" if report.header else ""
    requests = sum(call.requests for call in report.calls)
    mark = "[green]passed[/green]" if report.passed else "[red]failed[/red]"
    out.print(
        f"{mark} {safe(f'{report.app}/{report.path.name}')}{provenance} {count(len(report.calls), 'call')}, {count(requests, 'request')}"
    )
    for slip in report.slips:
        out.print(clean(f"  {slip}"), markup=False)
    for call in report.calls:
        for slip in call.slips:
            out.print(clean(f"  {call.capability}: {slip}"), markup=False)
        for unasked in call.unasked:
            out.print(clean(f"  {call.capability}: recorded, but not asked any more: {unasked}"), markup=False)


def _told(report: Report) -> dict[str, Any]:
    calls = [
        {"capability": c.capability, "passed": c.passed, "requests": c.requests, "slips": c.slips, "unasked": c.unasked}
        for c in report.calls
    ]
    provenance = report.header.provenance if report.header else None
    return {
        "app": report.app,
        "cassette": str(report.path),
        "passed": report.passed,
        "provenance": provenance,
        "slips": report.slips,
        "calls": calls,
    }


def record(
    app: App,
    capabilities: Annotated[
        list[str] | None, typer.Argument(help="Reads to record; when left out, every one that needs to know no more than the accounts.")
    ] = None,
    application: Annotated[
        str | None, typer.Option("--application", help="The application that answers; the app's name when left out.")
    ] = None,
    application_version: Annotated[str | None, typer.Option("--application-version", help="Its version.")] = None,
    name: Annotated[str, typer.Option("--name", help="Name of the cassette.")] = "reads",
    credential: CredentialFile = None,
    setting: Setting = None,
    settings: SettingsFile = None,
    auth: AuthName = None,
    page_size: PageSize = None,
    keep_people: Annotated[
        bool, typer.Option("--keep-people", help="Leave people as they are: for an application in which all of them are made up.")
    ] = False,
) -> None:
    """Walk a live application and write a cassette: `cassettes/<app>/<name>.yaml` beside the spec's folder.

    It holds no secrets, and pseudonyms in place of people: read it before you share it.
    """
    from ferrule.record import reads, save
    from ferrule.record import record as recorded
    from ferrule.replay import cassette_folder

    with failures():
        connector = load(app)
        questions = [q for q in reads(connector.plan, page_size) if not capabilities or q.capability in (*capabilities, "list_accounts")]
        unknown = [wanted for wanted in capabilities or () if wanted not in {q.capability for q in questions}]
        if unknown:
            hint = f"these can: {', '.join(q.capability for q in reads(connector.plan))}"
            raise BadInput(f"`{unknown[0]}` cannot be recorded without being told more", code="invalid_value", hint=hint)
        path = cassette_folder(find_spec(app, specs.FOLDERS)) / f"{name}.yaml"
        opened = {
            "credential": given.credential(connector, credential, auth),
            "settings": given.settings(connector, setting or [], settings),
        }
        with progress(f"recording {connector.plan.spec.app.name}"):
            cassette = asyncio.run(
                recorded(
                    connector, questions, **opened, auth=auth, application=application or connector.plan.spec.app.name,
                    application_version=application_version, command=_command(), people="kept" if keep_people else "pseudonyms",
                )
            )  # fmt: skip
        written = save(cassette, path)
    calls, exchanges = len(cassette.ferrule.calls), len(cassette.interactions)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    err.print(f"{safe(shown)}: {count(calls, 'call')}, {count(exchanges, 'exchange')}{'' if written else '; nothing new, left as it was'}")


def _command() -> str:
    """The command as it can be typed again: files of credentials and settings by name only."""
    words = [Path(word).name if Path(word).is_absolute() else word for word in sys.argv[1:]]
    return shlex.join(["ferrule", *words])

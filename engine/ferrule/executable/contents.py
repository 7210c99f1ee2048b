"""What a built file must hold: the modules that a connector's command line reaches, and the packages that those import.

Nothing is listed by hand. The imports of our own modules are read, those within functions as well; other packages come whole,
with what they require. So the tools for authors and tests, and what they need, stay outside. A package that a module can be without,
since it catches the `ImportError`, is there only where the spec uses that module: what signs for AWS, what speaks LDAP.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from importlib.util import resolve_name
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ferrule.errors import BadInput

ENTRY = "ferrule.executable.command"
_SOURCES = Path(__file__).resolve().parents[2]
_LEGAL = re.compile(r"licen[cs]e|copying|notice|authors|copyright", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a connector's command line, by their names below the folder that Python imports from."""

    files: dict[str, Path]
    packages: dict[str, str]
    """The version of each package, ours among them."""


def contents(used: Iterable[str] = ()) -> Contents:
    """What is found in the running environment. `used` are the modules whose every import is needed. Raises `BadInput` where a
    package is missing, or has no files of its own."""
    modules, foreign = reached(ENTRY, used)
    files = {path.relative_to(_SOURCES).as_posix(): path for path in modules.values()}
    packages: dict[str, str] = {}
    for dist in [*_own(), *required(foreign)]:
        packages[canonicalize_name(dist.name)] = dist.version
        files |= files_of(dist)
    return Contents(dict(sorted(files.items())), dict(sorted(packages.items())))


def reached(entry: str, used: Iterable[str] = ()) -> tuple[dict[str, Path], set[str]]:
    """Our modules that `entry` can come to import, and the names of other packages that these import, for those `used` also
    the packages that they can be without."""
    whole = frozenset(used)
    found: dict[str, Path] = {}
    foreign: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        path = None if name in found else _source(name)
        if path is None:  # known, or a name within a module
            continue
        found[name] = path
        waiting.append(name.rpartition(".")[0])
        for imported in _imports(path, name, whole=name in whole):
            top = imported.partition(".")[0]
            if top == "ferrule":
                waiting.append(imported)
            elif top not in sys.stdlib_module_names:
                foreign.add(top)
    return found, foreign


def _source(name: str) -> Path | None:
    path = _SOURCES.joinpath(*name.split(".")) if name else _SOURCES
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if name and file.is_file()), None)


def _imports(path: Path, name: str, *, whole: bool) -> Iterator[str]:
    """The names that a module imports when it runs, and not for a type checker alone; `whole`, those too that it can be without."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    waiting: list[ast.AST] = [ast.parse(path.read_bytes(), str(path))]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                base = resolve_name("." * node.level + (node.module or ""), package)
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)
            case ast.Try() if not whole and any(map(_catches_import_error, node.handlers)):
                waiting += [*node.handlers, *node.orelse, *node.finalbody]
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                waiting += node.orelse
            case _:
                waiting += ast.iter_child_nodes(node)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.type, ast.Name) and handler.type.id == "ImportError"


def required(names: Iterable[str]) -> list[Distribution]:
    """The distributions that have these top-level packages, and all that they require in this environment."""
    homes = packages_distributions()
    waiting = []
    for name in sorted(names):
        if name not in homes:
            raise BadInput(f"the package `{name}` is not installed", hint="a file is built of what is installed beside ferrule")
        waiting += [Requirement(home) for home in homes[name]]
    found: dict[str, Distribution] = {}
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        key = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if key in done:
            continue
        done.add(key)
        dist = found.setdefault(key[0], _distribution(wanted.name))
        waiting += [each for each in map(Requirement, dist.requires or ()) if _holds(each, wanted.extras)]
    return [found[name] for name in sorted(found)]


def _holds(requirement: Requirement, extras: set[str]) -> bool:
    """Whether a package that is wanted with these extras requires it here."""
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _distribution(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise BadInput(f"the package `{name}` is not installed", hint="a file is built of what is installed beside ferrule") from None


def _own() -> list[Distribution]:
    """Ours, for its metadata: the version that requests name. A checkout that is not installed has none."""
    try:
        return [distribution("ferrule")]
    except PackageNotFoundError:
        return []


def files_of(dist: Distribution) -> dict[str, Path]:
    """The files of a distribution that are needed to run it, its licences among them. Of ours the metadata and the licence."""
    wanted = {str(name): Path(str(name.locate())) for name in dist.files or () if _is_needed(PurePosixPath(name))}
    if canonicalize_name(dist.name) == "ferrule":
        return {name: path for name, path in wanted.items() if ".dist-info/" in name}
    lost = next((name for name, path in wanted.items() if not path.is_file()), None)
    if lost is not None:
        raise BadInput(f"the file `{lost}` of `{dist.name}` is missing", hint="install it again")
    if not any(".dist-info/" not in name for name in wanted):
        raise BadInput(f"`{dist.name}` keeps its files elsewhere", hint="install it from a wheel: not editable, and not by the system")
    return wanted


def _is_needed(name: PurePosixPath) -> bool:
    """Whether it is neither a script, nor made on this machine, nor for type checkers."""
    if name.parts[0] == ".." or name.is_absolute() or "__pycache__" in name.parts or name.suffix in (".pyc", ".pth", ".pyi"):
        return False
    return (
        not name.parts[0].endswith(".dist-info")
        or name.name == "METADATA"
        or _LEGAL.search(str(PurePosixPath(*name.parts[1:]))) is not None
    )

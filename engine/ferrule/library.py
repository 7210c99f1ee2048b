"""Where specs are found: the folders of `--specs` and `FERRULE_SPECS` first, then the bundled ones."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ferrule.bundled import specs
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput


def folders(extra: Iterable[Path] = ()) -> list[Path]:
    """Every folder that may hold specs, the user's own first."""
    named = [Path(part) for part in os.environ.get("FERRULE_SPECS", "").split(os.pathsep) if part]
    return [*extra, *named, specs()]


def apps(extra: Iterable[Path] = ()) -> dict[str, Path]:
    """Every app there is a spec for, by id (the file's name), in alphabetical order."""
    found: dict[str, Path] = {}
    for folder in folders(extra):
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find_spec(app: str | Path, extra: Iterable[Path] = ()) -> Path:
    """The spec file of an app's id, or the file that `app` names. Raises `BadInput` where there is none."""
    if isinstance(app, Path) or app.endswith((".yaml", ".yml")) or os.sep in app:
        path = Path(app)
        if not path.is_file():
            raise BadInput(f"there is no file `{path}`", code="not_found")
        return path
    known = apps(extra)
    if app not in known:
        hint = did_you_mean(app, known) or f"the connectors are {', '.join(known)}"
        raise BadInput(f"there is no connector `{app}`", code="not_found", hint=hint)
    return known[app]

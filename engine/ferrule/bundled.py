"""Where the specs and cassettes that come with Ferrule are.

They are kept once, in `specs/` and `cassettes/` at the top of the project. A wheel carries them inside the package, as
`_bundled/specs` and `_bundled/cassettes`; a checkout, and an installation in editable mode, read the folders themselves.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def specs() -> Path:
    """The folder of the bundled specs."""
    return find("specs", _PACKAGE)


def cassettes() -> Path:
    """The folder of the bundled cassettes, one folder for each app."""
    return find("cassettes", _PACKAGE)


def find(name: str, package: Path) -> Path:
    """The folder `name` that belongs to the installed or checked-out `package`.

    A folder that is in neither place means a broken installation: a `FileNotFoundError` says where it should be.
    """
    inside = package / "_bundled" / name
    checkout = package.parent.parent
    beside = checkout / name
    if inside.is_dir():
        return inside
    if (checkout / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    raise FileNotFoundError(f"the bundled {name} are missing: {inside} is not there; install ferrule again")

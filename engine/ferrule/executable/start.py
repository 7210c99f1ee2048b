"""The program that a built file begins with: unpack what is not unpacked yet, then be the connector.

Native modules cannot be imported out of an archive, so what the file holds is kept in a folder of the user's, named by the
SHA-256 of the list of its files, each of which has its own. Every file is held against its hash when it is unpacked; at a later
start all must still be there in full. The folder is made aside and gets its name when it is whole: of two first starts at the
same time one comes first, and a start that is cut off leaves nothing that another would use.

Any Python that somebody may start the file with has to be able to read this, if only to say that it is the wrong one.
"""

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zipimport import zipimporter


class Stopped(Exception):
    """Why the connector cannot run."""


def start(file: Path) -> int:
    """Run the connector that the archive `file` holds, and give its exit code."""
    text = zipimporter(str(file)).get_data("about.json")
    about = json.loads(text.decode())
    try:
        if EXTENSION_SUFFIXES[0] != about["modules"]:
            raise Stopped("it was built for Python {} ({}), and this is {}".format(about["python"], about["modules"], _this_python()))
        folder = unpacked(file, about["files"], hashlib.sha256(text).hexdigest())
    except Stopped as error:
        if sys.stderr is not None:  # `print` would take standard output instead
            print(f"{file.name}: {error}", file=sys.stderr)
        return 1
    sys.path[:] = [str(folder / "packages"), *filter(_is_pythons_own, sys.path[1:])]
    from ferrule.executable.command import main

    return main(folder / about["spec"], file.name)


def _this_python() -> str:
    return "Python {}.{} ({})".format(*sys.version_info[:2], EXTENSION_SUFFIXES[0])


def _is_pythons_own(path: str) -> bool:
    """Whether it is the standard library: what else is installed here, or named by PYTHONPATH, is not for the connector."""
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    parts = Path(path).parts
    inside = path.startswith((sys.base_prefix, sys.base_exec_prefix))
    return inside and path not in named and "site-packages" not in parts and "dist-packages" not in parts


def unpacked(file: Path, files: "dict[str, list[object]]", digest: str) -> Path:
    """The folder with these files: name to size and hash. Raises `Stopped`."""
    folder = _home() / digest
    if _is_whole(folder, files):
        return folder
    try:
        made = Path(tempfile.mkdtemp(prefix=".", dir=str(folder.parent)))
        try:
            _unpack(file, files, made)
            _settle(made, folder, files)
        finally:
            shutil.rmtree(str(made), ignore_errors=True)
    except (OSError, BadZipFile) as error:
        raise Stopped(f"it cannot be unpacked into {folder.parent}: {error}") from None
    return folder


def _home() -> Path:
    """A folder that only this user can write to. Raises `Stopped` where there is none."""
    refused = []
    for folder in _proposed():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.lstat()
            ours = not hasattr(os, "geteuid") or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)
            if stat.S_ISDIR(found.st_mode) and ours and os.access(str(folder), os.W_OK | os.X_OK):
                return folder
            refused.append(f"{folder} is not this user's alone")
        except OSError as error:
            refused.append(str(error))
    raise Stopped("there is no folder to unpack into: {}; FERRULE_CACHE can name one".format("; ".join(refused)))


def _proposed() -> "list[Path]":
    """The folder that FERRULE_CACHE names, and no other; without it the user's folder for such files, then the one for temporary files."""
    if os.environ.get("FERRULE_CACHE"):
        return [Path(os.environ["FERRULE_CACHE"])]
    usual = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", "")
    user = str(os.geteuid()) if hasattr(os, "geteuid") else "user"
    temporary = Path(tempfile.gettempdir()) / f"ferrule-{user}"
    try:
        home = Path(usual) if Path(usual).is_absolute() else Path("~", ".cache").expanduser()
    except (RuntimeError, KeyError):  # a user that the system does not know, as in a container
        return [temporary]
    return [home / "ferrule", temporary]


def _is_whole(folder: Path, files: "dict[str, list[object]]") -> bool:
    """Whether every file is there, as large as it was. What clears caches takes files away one by one."""
    try:
        return all((folder / name).stat().st_size == size for name, (size, _) in files.items())
    except OSError:
        return False


def _unpack(file: Path, files: "dict[str, list[object]]", folder: Path) -> None:
    with ZipFile(str(file)) as archive:
        for name, (_, digest) in files.items():
            try:
                content = archive.read(name)
            except KeyError:
                raise Stopped(f"the file is damaged: `{name}` is missing") from None
            if hashlib.sha256(content).hexdigest() != digest:
                raise Stopped(f"the file is damaged: `{name}` is not what it was")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _settle(made: Path, folder: Path, files: "dict[str, list[object]]") -> None:
    """Give the folder its name, unless another start was faster. One that is not whole is moved away first, to go with the rest."""
    for left in range(4, -1, -1):  # others may be about the same
        try:
            made.rename(folder)
            return
        except OSError:
            if _is_whole(folder, files):
                return
            if not left:
                raise
        aside = Path(tempfile.mkdtemp(prefix=".", dir=str(folder.parent)))
        try:
            folder.rename(aside / "old")
        except FileNotFoundError:  # another start moved it away
            pass
        finally:
            shutil.rmtree(str(aside), ignore_errors=True)


if __name__ == "__main__":
    try:
        code = start(Path(__file__).parent)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)

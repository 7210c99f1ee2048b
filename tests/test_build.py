"""The file that `ferrule build` makes: it runs where only Python is, holds what it needs and no more, and unpacks itself safely."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

import ferrule
from app import answer
from commands import process
from ferrule.bundled import cassettes, specs
from ferrule.cli.main import app as command
from ferrule.dispatch import dispatch
from ferrule.errors import BadInput
from ferrule.executable import contents, start
from ferrule.executable.build import Built, build
from served import served

SPEC = specs() / "jupyterhub.yaml"
posix = pytest.mark.skipif(os.name == "nt", reason="permissions and links are others there")


@dataclass(frozen=True)
class Elsewhere:
    """A place with a Python and the built file, and nothing else."""

    built: Built
    python: Path
    home: Path
    empty: Path

    def run(self, *words: object, by: list[Path] | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """The file started from the empty folder, with no environment but a home."""
        words = (*(by if by is not None else [self.python]), self.built.file, *words)
        return subprocess.run(
            [*map(str, words)],
            cwd=self.empty,
            env={"HOME": str(self.home), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def unpacked(self) -> list[Path]:
        return list((self.home / ".cache" / "ferrule").iterdir())


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    place = tmp_path_factory.mktemp("elsewhere")
    venv.create(place / "venv", symlinks=True)
    empty, home = place / "empty", place / "home"
    empty.mkdir()
    home.mkdir()
    return Elsewhere(build(SPEC, place / "hub"), place / "venv" / "bin" / "python", home, empty)


def test_it_is_the_connector(elsewhere: Elsewhere):
    """From an empty folder, in another virtual environment, without pip and without variables."""
    done = elsewhere.run("info")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads(json.dumps(dispatch(ferrule.load("jupyterhub"), "info", "")))
    assert [*elsewhere.empty.iterdir()] == []
    (folder,) = elsewhere.unpacked
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


@posix
def test_it_lists_accounts_from_a_recording(elsewhere: Elsewhere):
    """Started as a program: its first line finds the Python that it was built for."""
    envelope = {"auth": {"token": {"token": "any"}}, "settings": {"base_url": "http://127.0.0.1:18750/hub/api"}, "request": {}}
    words = [
        "list_accounts",
        "--cassette",
        cassettes() / "jupyterhub" / "reads.yaml",
        "--json",
        json.dumps({**envelope, "page": {"size": 10}}),
    ]
    done = elsewhere.run(*words, by=[], PATH=str(elsewhere.python.parent))
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert len(told["response"]) == 10 and told["page"]["token"]


def test_what_is_installed_beside_it_is_not_used(elsewhere: Elsewhere, tmp_path: Path):
    for folder in (tmp_path, next((elsewhere.python.parent.parent / "lib").glob("python*/site-packages"))):
        for name in ("orjson", "json", "ferrule", "yaml"):
            if folder == tmp_path and name == "json":  # before Python's own, for whatever Python starts
                continue
            (folder / f"{name}.py").write_text("raise SystemExit('not this one')")
    with served(lambda asked: answer({"message": "not you"}, 403)) as live:
        envelope = {"auth": {"token": {"token": "any"}}, "settings": {"base_url": live.url}, "request": {}}
        done = elsewhere.run("list_accounts", "--json", json.dumps(envelope), PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["error"]["error_code"] == "unauthorized"
    assert [asked.headers["authorization"] for asked in live.asked] == ["token any"]


def test_everything_in_it_can_be_imported(elsewhere: Elsewhere):
    """So no module of ours needs one that was left out; and none is there that only authors and tests need."""
    elsewhere.run("info")
    (folder,) = elsewhere.unpacked
    code = (
        "import importlib, pathlib, sys; root = pathlib.Path(sys.argv[1]); sys.path[:] = [str(root), *sys.path[1:]]\n"
        "for file in sorted(root.glob('ferrule/**/*.py')):\n"
        "    importlib.import_module('.'.join(file.relative_to(root).with_suffix('').parts).removesuffix('.__init__'))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [elsewhere.python, "-S", "-E", "-c", code, folder / "packages"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {"ferrule", "aiohttp", "pydantic"} <= {*done.stdout.split()}
    assert not {"typer", "rich", "starlette", "packaging", "pytest", "vcr"} & {*done.stdout.split()}


def test_it_holds_one_spec_and_what_that_needs(elsewhere: Elsewhere):
    with ZipFile(elsewhere.built.file) as archive:
        names = archive.namelist()
        about = json.loads(archive.read("about.json"))
    assert names[:2] == ["__main__.py", "about.json"]
    assert [name for name in names if name.startswith("spec/")] == ["spec/jupyterhub.yaml"]
    assert [*about["files"]] == names[2:]
    assert about["packages"] == elsewhere.built.packages
    assert {"ferrule", "aiohttp", "cryptography", "pydantic-core"} <= about["packages"].keys()
    assert not {"typer", "rich", "vcrpy", "packaging", "pytest", "mypy", "starlette"} & about["packages"].keys()
    for room in ("cli", "server", "lsp", "lint", "mutation", "_bundled"):
        assert not any(name.startswith(f"packages/ferrule/{room}") for name in names)
    assert not any(name.endswith((".pyc", "RECORD", "direct_url.json")) or ".." in name for name in names)
    licensed = {name.split("-")[0].split("/")[1] for name in names if "licen" in name.lower()}
    assert licensed >= {"ferrule", "aiohttp", "cryptography", "orjson"}


def test_the_same_is_built_twice(elsewhere: Elsewhere, tmp_path: Path):
    again = process("build", "jupyterhub", "-o", tmp_path / "again", "--json")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again").read_bytes() == elsewhere.built.file.read_bytes()
    told = json.loads(again.stdout)
    assert (told["size"], told["packages"]) == (elsewhere.built.size, elsewhere.built.packages)
    assert elsewhere.built.size == elsewhere.built.file.stat().st_size < 15_000_000


def test_a_file_that_is_there_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ferrule.executable.build.contents", lambda used: contents.Contents({}, {}))
    file = tmp_path / "hub"
    file.write_bytes(b"x" * 10_000_000)
    made = build(SPEC, file)
    assert file.stat().st_size == made.size < 1_000_000
    assert [*tmp_path.iterdir()] == [file]
    assert os.access(file, os.X_OK)


@pytest.mark.parametrize("file", ["none/hub", "."])
def test_a_file_that_cannot_be_written(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ferrule.executable.build.contents", lambda used: contents.Contents({}, {}))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, ["build", "jupyterhub", "-o", file])
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr
    assert [*tmp_path.iterdir()] == []


def test_a_broken_spec_is_not_built(tmp_path: Path):
    spec = tmp_path / "broken.yaml"
    spec.write_text("ferrule: 1\n")
    done = CliRunner().invoke(command, ["build", str(spec), "-o", str(tmp_path / "x")])
    assert done.exit_code == 1 and "S202" in done.stderr
    assert not (tmp_path / "x").exists()


def test_the_name_is_that_of_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ferrule.executable.build.contents", lambda used: contents.Contents({}, {"x": "1"}))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, ["build", "jupyterhub"])
    assert done.exit_code == 0 and done.stdout.startswith("jupyterhub.pyz: 0.0 MB, for Python 3.")
    assert [path.name for path in tmp_path.iterdir()] == ["jupyterhub.pyz"]


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch):
    for name in ("ferrule.executable.build", "ferrule.executable.contents"):
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.split(".")[0] == "packaging"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "packaging", None)
    done = CliRunner().invoke(command, ["build", "jupyterhub"])
    assert done.exit_code == 2
    assert "pip install 'ferrule[build]'" in done.stderr


# What it holds


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(BadInput, match="the package `no_such_package` is not installed"):
        contents.required(["no_such_package"])

    def none(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(contents, "distribution", none)
    with pytest.raises(BadInput, match="the package `orjson` is not installed"):
        contents.required(["orjson"])


def installed(folder: Path, record: str) -> Distribution:
    """A distribution with this list of files."""
    info = folder / "acme-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (info / "RECORD").write_text(record)
    return Distribution.at(info)


def test_an_editable_package_cannot_be_taken_along(tmp_path: Path):
    with pytest.raises(BadInput, match="`acme` keeps its files elsewhere"):
        contents.files_of(installed(tmp_path, "acme.pth,,\nacme-1.dist-info/METADATA,,\n"))


def test_a_package_that_lost_a_file_is_not_taken_along(tmp_path: Path):
    with pytest.raises(BadInput, match=r"the file `acme.py` of `acme` is missing"):
        contents.files_of(installed(tmp_path, "acme.py,,\n"))


def test_the_files_of_a_package(tmp_path: Path):
    """No scripts, nothing that was made on this machine, nothing for type checkers; its licences come along."""
    names = ["acme.py", "acme.pyi", "../bin/acme", "__pycache__/acme.cpython-311.pyc", "acme.pth", "acme/data.json"]
    info = ["INSTALLER", "METADATA", "RECORD", "direct_url.json", "licenses/LICENSE.MIT", "NOTICE"]
    dist = installed(tmp_path, "".join(f"{name},,\n" for name in [*names, *(f"acme-1.dist-info/{name}" for name in info)]))
    wanted = ["acme.py", "acme/data.json", *(f"acme-1.dist-info/{name}" for name in ("METADATA", "licenses/LICENSE.MIT", "NOTICE"))]
    for name in wanted:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [*contents.files_of(dist)] == wanted


def test_imports_for_a_type_checker_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "ferrule"
    for name, text in {
        "__init__.py": "",
        "entry.py": "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nimport ferrule.plain\n"
        "if TYPE_CHECKING:\n    import ferrule.typed, vendor_typed\nelse:\n    import vendor_else\n",
        "plain.py": "def f():\n    from ferrule.room import deep, not_a_module\n    import vendor.sub",
        "typed.py": "", "other.py": "",
        "room/__init__.py": "from . import near", "room/deep.py": "", "room/near.py": "",
    }.items():  # fmt: skip
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text(text)
    monkeypatch.setattr(contents, "_SOURCES", tmp_path)
    modules, foreign = contents.reached("ferrule.entry")
    assert {*modules} == {"ferrule", "ferrule.entry", "ferrule.plain", "ferrule.room", "ferrule.room.deep", "ferrule.room.near"}
    assert foreign == {"vendor", "vendor_else"}


def test_no_module_is_imported_by_a_name_that_is_made_up():
    """`reached` sees imports that are written down. The only other is that of the public names, which the command does not use."""
    modules, _ = contents.reached(contents.ENTRY)
    made_up = {name for name, path in modules.items() if "import_module(" in path.read_text() or "__import__" in path.read_text()}
    assert made_up == {"ferrule"}


# How it unpacks itself


FILES = {"packages/a.py": b"a = 1", "packages/b/c.py": b"c = 2", "spec/x.yaml": b"ferrule: 1"}
LISTED: dict[str, list[object]] = {name: [len(content), hashlib.sha256(content).hexdigest()] for name, content in FILES.items()}
DIGEST = "d" * 64


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return made_archive(tmp_path / "archive", FILES)


def made_archive(path: Path, files: dict[str, bytes]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("FERRULE_CACHE", str(folder))
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@posix
def test_it_unpacks_into_a_folder_of_the_users_own(archive: Path, cache: Path):
    folder = start.unpacked(archive, LISTED, DIGEST)
    assert folder == cache / DIGEST and held(folder) == FILES
    assert [*cache.iterdir()] == [folder]
    assert {stat.S_IMODE(each.stat().st_mode) for each in (cache, folder)} == {0o700}


def test_it_unpacks_once(archive: Path, cache: Path):
    folder = start.unpacked(archive, LISTED, DIGEST)
    archive.unlink()
    assert start.unpacked(archive, LISTED, DIGEST) == folder


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"a")], ids=["gone", "cut off"])
def test_what_is_not_whole_is_unpacked_again(harm: Callable[[Path], object], archive: Path, cache: Path):
    folder = start.unpacked(archive, LISTED, DIGEST)
    harm(folder / "packages" / "a.py")
    assert held(start.unpacked(archive, LISTED, DIGEST)) == FILES
    assert [*cache.iterdir()] == [folder]


@pytest.mark.parametrize("harmed", [False, True])
def test_many_first_starts_at_the_same_time(harmed: bool, archive: Path, cache: Path):
    """As well when all of them find what an earlier start left, and others took files from."""
    if harmed:
        (start.unpacked(archive, LISTED, DIGEST) / "spec" / "x.yaml").unlink()
    with ThreadPoolExecutor(16) as pool:
        folders = {*pool.map(lambda _: start.unpacked(archive, LISTED, DIGEST), range(64))}
    assert folders == {cache / DIGEST} == {*cache.iterdir()}
    assert held(cache / DIGEST) == FILES


@pytest.mark.parametrize(
    ("files", "words"),
    [({**FILES, "packages/a.py": b"a = 3"}, "`packages/a.py` is not what it was"), ({}, "`packages/a.py` is missing")],
)
def test_a_file_that_was_changed_is_refused(files: dict[str, bytes], words: str, cache: Path, tmp_path: Path):
    with pytest.raises(start.Stopped, match=words):
        start.unpacked(made_archive(tmp_path / "changed", files), LISTED, DIGEST)
    assert [*cache.iterdir()] == []


def test_an_archive_that_is_cut_off_is_refused(archive: Path, cache: Path):
    archive.write_bytes(archive.read_bytes()[:50])
    with pytest.raises(start.Stopped, match="cannot be unpacked"):
        start.unpacked(archive, LISTED, DIGEST)
    assert [*cache.iterdir()] == []


@posix
def test_a_folder_that_others_can_write_to_is_refused(archive: Path, cache: Path, tmp_path: Path):
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(start.Stopped, match="is not this user's alone; FERRULE_CACHE can name one"):
        start.unpacked(archive, LISTED, DIGEST)
    cache.rmdir()
    cache.symlink_to(tmp_path)
    with pytest.raises(start.Stopped, match=r"this user's alone|File exists"):
        start.unpacked(archive, LISTED, DIGEST)
    cache.unlink()
    cache.touch()
    with pytest.raises(start.Stopped, match="File exists"):
        start.unpacked(archive, LISTED, DIGEST)


@posix
def test_without_a_home_it_takes_the_folder_for_temporary_files(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.delenv("FERRULE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = start.unpacked(archive, LISTED, DIGEST)
    assert folder.parent == tmp_path / f"ferrule-{os.geteuid()}"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert start.unpacked(archive, LISTED, DIGEST) == folder
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert start.unpacked(archive, LISTED, DIGEST).parent == tmp_path / "xdg" / "ferrule"


@posix
def test_a_user_that_the_system_does_not_know_needs_no_home(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def unknown(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("FERRULE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "expanduser", unknown)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert start.unpacked(archive, LISTED, DIGEST).parent == tmp_path / f"ferrule-{os.geteuid()}"


@pytest.fixture
def other_python(tmp_path: Path) -> Path:
    """A file that was built for another Python."""
    about = {"python": "3.99", "modules": ".cpython-399-x86_64-linux-gnu.so", "spec": "spec/x.yaml", "files": LISTED}
    main = Path(str(start.__file__)).read_bytes()
    return made_archive(tmp_path / "other", {"__main__.py": main, "about.json": json.dumps(about).encode(), **FILES})


def test_another_python_is_told(other_python: Path, capsys: pytest.CaptureFixture[str], cache: Path):
    assert start.start(other_python) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("other: it was built for Python 3.99 (.cpython-399-x86_64-linux-gnu.so), and this is Python 3.")
    assert not cache.exists()


def test_a_start_leaves_its_exit_code(other_python: Path):
    done = subprocess.run([sys.executable, other_python, "info"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "built for Python 3.99" in done.stderr


def test_what_signs_for_aws_is_there_where_a_spec_signs_for_aws():
    assert "botocore" not in contents.reached(contents.ENTRY)[1]
    assert "botocore" in contents.reached(contents.ENTRY, ["ferrule.auth.aws_sigv4"])[1]


def test_what_speaks_ldap_is_there_where_a_spec_does():
    assert "ldap3" not in contents.reached(contents.ENTRY)[1]
    modules, foreign = contents.reached(contents.ENTRY, ["ferrule.wire.ldap"])
    assert "ldap3" in foreign
    assert "ferrule.wire.ldap_connection" in modules

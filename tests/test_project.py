"""The project holds together: what one file says of another is so, and nothing in it belongs to one machine only."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import pages

PROJECT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
DOCS = PROJECT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))

MACHINE_PATH = re.compile(rb"(?<![\w.~$}-])/(?:work|root|tmp)/\w")
"""A folder that only one machine has. A path within another (`/srv/work/x`) or below a variable is not meant."""
INDEX_HOST = re.compile(r"://|\bpypi\.|pythonhosted|\bnpmjs\.", re.IGNORECASE)


@pytest.fixture(scope="module")
def tracked() -> dict[str, str]:
    """Every file that git knows, and its mode."""
    if not (PROJECT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "--stage", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    rows = [row.split("\t") for row in listed.split("\0") if row]
    return {path: entry.split()[0] for entry, path in rows if (PROJECT / path).is_file()}


def test_no_file_names_a_folder_of_one_machine(tracked: dict[str, str]):
    found = [
        f"{path}:{number}: {line.strip()[:80].decode(errors='replace')}"
        for path in tracked
        for number, line in enumerate((PROJECT / path).read_bytes().splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("line", [b"cd /%s/main", b'"/%s/x"', b"see:/%s/x", b"file:///%s/x"])
@pytest.mark.parametrize("folder", [b"work", b"root", b"tmp"])
def test_folders_of_one_machine_are_noticed(line: bytes, folder: bytes):
    assert MACHINE_PATH.search(line % folder)


@pytest.mark.parametrize("line", [b"/srv/work/x", b"$HOME/tmp/x", b"${a}/root/x", b"~/work/x", b"/users/work", b"/workers/x", b"./tmp/x"])
def test_other_paths_are_not(line: bytes):
    assert not MACHINE_PATH.search(line)


@pytest.mark.parametrize("file", ["requirements.lock", ".ci/run"])
def test_no_package_index_is_named(file: str):
    found = [line for line in (PROJECT / file).read_text().splitlines() if INDEX_HOST.search(line)]
    assert not found


def test_the_lock_has_every_dependency():
    project = PYPROJECT["project"]
    wanted = [*project["dependencies"], *(d for extra, ds in project["optional-dependencies"].items() if extra != "all" for d in ds)]
    locked = {line.split("==")[0] for line in (PROJECT / "requirements.lock").read_text().splitlines()}
    assert {re.split(r"[<>=!~\[; ]", each)[0].lower() for each in wanted} - locked == set()


def test_the_extra_all_takes_in_every_other():
    """But `contract`, which one command needs and which brings much along."""
    extras = PYPROJECT["project"]["optional-dependencies"]
    (entry,) = extras["all"]
    assert entry == f"ferrule[{','.join(sorted(extras.keys() - {'all', 'contract'}))}]"


def test_the_changelog_is_of_this_version():
    assert pages.version_headings((PROJECT / "CHANGELOG.md").read_text())[0] == PYPROJECT["project"]["version"]


def test_ci_can_be_run(tracked: dict[str, str]):
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)
    assert tracked.get(".ci/run", "100755") == "100755"


@pytest.mark.parametrize("mark", ["demo", "tests"])
def test_the_readme_has_the_command_that_ci_runs(mark: str):
    (block,) = [b for b in pages.blocks((PROJECT / "README.md").read_text()) if b.notes.get("ci") == mark]
    assert len(pages.commands("".join(f"$ {line}\n" for line in block.text.splitlines()))) == 1


def test_the_readme_maps_every_folder(tracked: dict[str, str]):
    text = (PROJECT / "README.md").read_text()
    folders = {path.split("/")[0] for path in tracked if "/" in path}
    assert {folder for folder in folders if f"`{folder}/`" not in text} == set()


def test_every_page_is_linked_from_the_index():
    index = DOCS / "index.md"
    linked = {(DOCS / link.target.split("#")[0]).resolve() for link in pages.links(index.read_text())}
    lost = {page.relative_to(DOCS) for page in PAGES if page != index and not linked & {page, page.parent if page.parent != DOCS else page}}
    assert lost == set()


@pytest.mark.parametrize("page", [PROJECT / "README.md", *PAGES], ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_within_the_project_lead_somewhere(page: Path):
    inner = [link for link in pages.links(page.read_text()) if "://" not in link.target and not link.target.startswith("#")]
    lost = [f"{page.name}:{link.line}: {link.target}" for link in inner if not (page.parent / link.target.split("#")[0]).exists()]
    assert not lost, "\n".join(lost)

"""What a documentation page shows, as data: its blocks, and the commands and output in a console block.

A block is fenced, and says what it is in its info string. HTML comments directly above it, which a reader of the page
does not see, say how it is judged:

    <!-- expect: S201 C301 -->   the codes that the spec below must report, and no others
    <!-- file: hub.yaml -->      the block is also a file, for the commands of the page
    <!-- exit: 1 -->             the last command of the block ends with this status; without it, all end with 0
    <!-- live -->                the commands need a running application: `pytest -m live` runs them
    <!-- ci: demo -->            `.ci/run` runs the block
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from itertools import takewhile

from markdown_it import MarkdownIt

NOTES = frozenset({"expect", "file", "exit", "live", "ci"})
ANYTHING = "…"
"""In shown output: alone on a line, any lines; within a line, any text."""

_NOTE = re.compile(r"<!--\s*(\w+)(?::\s*(.*?))?\s*-->")
_RUNS_FERRULE = re.compile(r"(?:\w+=\S* +)*ferrule(?: |$)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `line` is where its first line of text is, counted from 1; `words` is its info string."""

    line: int
    words: tuple[str, ...]
    notes: dict[str, str]
    text: str

    @property
    def language(self) -> str:
        return self.words[0] if self.words else ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the output below it. A command that runs over its line keeps its line breaks."""

    text: str
    output: tuple[str, ...]

    @property
    def runs_ferrule(self) -> bool:
        return _RUNS_FERRULE.match(self.text) is not None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page to `target`, and the line of its paragraph."""

    line: int
    target: str


def blocks(page: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    tokens = MarkdownIt().parse(page)
    found = []
    for index, token in enumerate(tokens):
        if token.type == "fence" and token.map:
            above = takewhile(lambda t: t.type == "html_block", reversed(tokens[:index]))
            notes = {key: value for comment in above for key, value in _NOTE.findall(comment.content)}
            found.append(Block(token.map[0] + 2, tuple(token.info.split()), notes, token.content))
    return found


def links(page: str) -> list[Link]:
    """Every link of a page."""
    found = []
    for token in MarkdownIt().enable("table").parse(page):
        for child in token.children or ():
            if child.type == "link_open":
                found.append(Link((token.map or [0])[0] + 1, str(child.attrs["href"])))
    return found


def commands(text: str) -> list[Command]:
    """The commands of a console block. A line that ends in a backslash goes on in the next one."""
    found: list[tuple[list[str], list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif not found:
            raise ValueError(f"a console block starts with a command, `$ …`, not with {line!r}")
        elif found[-1][0][-1].endswith("\\"):
            found[-1][0].append(line)
        else:
            found[-1][1].append(line)
    return [Command("\n".join(command), tuple(output)) for command, output in found]


def session(shown: list[Command]) -> str:
    """The text of a console block: what `commands` reads."""
    lines = []
    for command in shown:
        lines += [f"$ {command.text}", *command.output]
    return "".join(f"{line}\n" for line in lines)


def agrees(shown: tuple[str, ...], real: str) -> bool:
    """Whether the output that a page shows is the real one. Blanks at the end of a line or of the output do not count."""
    pattern = ""
    for line in _stripped(shown):
        if line.strip() == ANYTHING:
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(map(re.escape, line.split(ANYTHING))) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in output_lines(real))) is not None


def output_lines(real: str) -> tuple[str, ...]:
    """Real output as a page shows it: no blanks at the end of a line, no empty lines at the end."""
    return _stripped(tuple(real.split("\n")))


def with_block(page: str, block: Block, text: str) -> str:
    """The page with `text` in the place of a block's own, as far to the right as the block."""
    rows = page.splitlines(keepends=True)
    start = block.line - 1
    fence = rows[start - 1]
    margin = fence[: len(fence) - len(fence.lstrip())]
    rows[start : start + len(block.text.splitlines())] = [textwrap.indent(text, margin)]
    return "".join(rows)


def in_frame(frame: str, part: str) -> str:
    """The spec that comes of putting a part of one where the frame says `# part`."""
    places = list(re.finditer(r"^([ ]*)# part\n", frame, re.MULTILINE))
    if len(places) != 1:
        raise ValueError(f"a frame has one line `# part`, not {len(places)}")
    (place,) = places
    return frame[: place.start()] + textwrap.indent(part, place[1]) + frame[place.end() :]


def version_headings(changelog: str) -> list[str]:
    """The versions that a changelog has a section for, newest first."""
    return re.findall(r"^## \[?(\d+\.\d+\.\d+\S*?)\]?(?: |$)", changelog, re.MULTILINE)


def _stripped(lines: tuple[str, ...]) -> tuple[str, ...]:
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)

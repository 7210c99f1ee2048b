"""`pages` reads what a page shows, and tells shown output from real output."""

import textwrap

import pytest

from pages import Block, Command, agrees, blocks, commands, in_frame, links, session, version_headings, with_block

PAGE = textwrap.dedent("""\
    # A page

    <!-- expect: S201 -->
    <!-- file: acme.yaml -->
    ```yaml
    ferrule: 1
    ```

    A sentence parts a comment from a block.

    1. In a list:

       ```console
       $ ferrule list
       acme
       ```

    ````text
    ```yaml
    shown, not meant
    ```
    ````

    <!-- exit: 1 -->

    ```yaml part: pages
    kind: offset
    ```
    """)


def test_blocks_carry_their_line_their_words_and_the_comments_above_them():
    assert blocks(PAGE) == [
        Block(6, ("yaml",), {"expect": "S201", "file": "acme.yaml"}, "ferrule: 1\n"),
        Block(14, ("console",), {}, "$ ferrule list\nacme\n"),
        Block(19, ("text",), {}, "```yaml\nshown, not meant\n```\n"),
        Block(27, ("yaml", "part:", "pages"), {"exit": "1"}, "kind: offset\n"),
    ]


def test_a_comment_belongs_to_the_next_block_only():
    assert [b.notes for b in blocks("<!-- live -->\n```console\n$ a\n```\n```console\n$ b\n```\n")] == [{"live": ""}, {}]


def test_links_of_a_page():
    found = links("See [one](a.md).\n\n| x |\n|---|\n| [two](b.md#c) |\n\n```\n[no](c.md)\n```\n")
    assert [(link.line, link.target) for link in found] == [(1, "a.md"), (5, "b.md#c")]


def test_commands_and_their_output():
    text = "$ ferrule call \\\n    --json\n{}\n\n$ X=1 ferrule list\n$ true\n"
    found = commands(text)
    assert found == [Command("ferrule call \\\n    --json", ("{}", "")), Command("X=1 ferrule list", ()), Command("true", ())]
    assert session(found) == text
    assert [c.runs_ferrule for c in found] == [True, True, False]


@pytest.mark.parametrize("text", ["ferrules", "cat ferrule.yaml", "echo ferrule list"])
def test_what_only_mentions_ferrule_does_not_run_it(text: str):
    assert not Command(text, ()).runs_ferrule


def test_output_without_a_command_is_refused():
    with pytest.raises(ValueError, match="starts with a command"):
        commands("acme\n$ ferrule list\n")


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ("", ""),
        ("a\nb", "a  \nb\n\n"),
        ("a.b", "a.b\n"),
        ("…", ""),
        ("…", "a\nb\n"),
        ("a\n…\nz", "a\nz\n"),
        ("a\n…\nz", "a\nb\n\nc\nz\n"),
        ("a\n  …", "a\n"),
        ("took … s", "took 0.31 s\n"),
        ("… of …", "1 of 2\n"),
    ],
)
def test_output_that_agrees(shown: str, real: str):
    assert agrees(tuple(shown.split("\n")), real)


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ("", "a\n"),
        ("a", ""),
        ("a", "a\nb\n"),
        ("a\nb", "a\n"),
        ("a.b", "axb\n"),
        (" a", "a\n"),
        ("a\n\nb", "a\nb\n"),
        ("a\n…\nz", "a\nb\n"),
        ("took … s", "took 0.31\ns\n"),
        ("a\n…", "b\n"),
    ],
)
def test_output_that_does_not_agree(shown: str, real: str):
    assert not agrees(tuple(shown.split("\n")), real)


def test_a_block_is_replaced_where_it_stands():
    block = blocks(PAGE)[1]
    written = with_block(PAGE, block, "$ ferrule list\nacme\nzeta\n")
    assert blocks(written)[1].text == "$ ferrule list\nacme\nzeta\n"
    assert written.replace("   zeta\n", "") == PAGE


def test_an_empty_block_is_filled():
    page = "```console\n```\nend\n"
    assert with_block(page, blocks(page)[0], "$ x\n") == "```console\n$ x\n```\nend\n"


def test_a_part_is_put_into_its_frame_as_far_to_the_right_as_the_mark():
    frame = "ferrule: 1\nhttp:\n  # part\nend: 1\n"
    assert in_frame(frame, "a:\n  b: 1\n") == "ferrule: 1\nhttp:\n  a:\n    b: 1\nend: 1\n"


@pytest.mark.parametrize("frame", ["ferrule: 1\n", "# part\n# part\n"])
def test_a_frame_has_one_place(frame: str):
    with pytest.raises(ValueError, match="one line"):
        in_frame(frame, "a: 1\n")


def test_versions_of_a_changelog():
    assert version_headings("# Changelog\n\n## Unreleased\n\n## [1.0.0rc1] - 2027-01-01\n\n## 0.1.0\n### 9.9.9\n") == ["1.0.0rc1", "0.1.0"]

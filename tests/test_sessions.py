"""`sessions` runs what a page shows and is not content with anything else."""

import textwrap
from pathlib import Path

import pages
from sessions import Judgement, judge

ECHO = "import sys; print(*sys.argv[1:]); sys.exit('fail' in sys.argv)"
"""Stands in for ferrule: prints its arguments, and fails when told to."""


def page(text: str) -> str:
    return textwrap.dedent(text)


def everything(block: pages.Block) -> bool:
    return True


def test_a_true_page(tmp_path: Path):
    text = page("""\
        <!-- file: specs/acme.yaml -->
        ```yaml
        ferrule: 1
        ```

        ```console
        $ ferrule lint specs
        lint specs
        $ cat specs/acme.yaml
        ferrule: 1
        $ WORD=b; ferrule a \\
            $WORD | tr ab AB
        A B
        ```

        ```sh
        exit 1
        ```

        ```console
        $ exit 1
        ```

        <!-- exit: 1 -->
        ```console
        $ ferrule fail
        …
        ```
        """)
    found = judge(text, tmp_path, everything, ECHO)
    assert found == Judgement([], [], text)


def test_untrue_output_is_named_and_mended(tmp_path: Path):
    text = page("""\
        1. First:

           ```console
           $ ferrule a
           b
           ```

        2. Then:

           ```console
           $ ferrule c
           c
           $ ferrule d
           ```
        """)
    found = judge(text, tmp_path, everything, ECHO)
    assert found.failed == []
    assert found.untrue == ["line 4: `ferrule a` ends with 0 and prints\na\n", "line 11: `ferrule d` ends with 0 and prints\nd\n"]
    assert found.text == text.replace("   b\n", "   a\n").replace("ferrule d\n", "ferrule d\n   d\n")


def test_a_status_that_no_one_announced_is_wrong_and_not_written(tmp_path: Path):
    text = page("""\
        ```console
        $ ferrule fail
        done
        ```

        <!-- exit: 1 -->
        ```console
        $ ferrule fail
        fail
        $ ferrule fine
        fine
        ```
        """)
    found = judge(text, tmp_path, everything, ECHO)
    assert found.failed == [
        "line 2: `ferrule fail` ends with 1 and prints\nfail\n",
        "line 8: `ferrule fail` ends with 1 and prints\nfail\n",
        "line 8: `ferrule fine` ends with 0 and prints\nfine\n",
    ]
    assert (found.untrue, found.text) == ([], text)


def test_only_wanted_blocks_are_run(tmp_path: Path):
    text = "<!-- live -->\n```console\n$ ferrule a\nb\n```\n"
    assert judge(text, tmp_path, lambda block: "live" not in block.notes, ECHO).untrue == []
    assert judge(text, tmp_path / "again", everything, ECHO).untrue


def test_the_environment_of_the_caller_does_not_show(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FERRULE_SPECS", "elsewhere")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    text = '```console\n$ ferrule "$FERRULE_SPECS" "$FORCE_COLOR" "$COLUMNS"\n  120\n```\n'
    assert judge(text, tmp_path, everything, ECHO).untrue == []

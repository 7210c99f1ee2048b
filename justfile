# The tools are those of `.venv`, which README.md sets up.
export PATH := justfile_directory() / ".venv/bin:" + env("PATH")

# ruff, mypy, the import floors, the specs
check:
    ruff check
    ruff format --check
    mypy --strict
    lint-imports
    ferrule lint specs/

# every test, or those that the arguments choose: `just test -m live`
test *arguments:
    pytest {{arguments}}

# what the docs show, judged; `just docs --write-docs` writes real output into them
docs *arguments:
    pytest tests/test_docs.py tests/test_pages.py {{arguments}}

# what an author waits for: reading, checking, compiling and linting specs
bench-authoring *arguments:
    python tests/bench/authoring.py {{arguments}}

# the engine beside its peers and a hand-written loop, in one table; the harness of the peers stands beside the checkout
bench *arguments:
    python3 ../shared/bench/run_all.py --also "ferrule=.venv/bin/python tests/bench/harness.py" --also "ferrule, gc threshold 100k=.venv/bin/python tests/bench/harness.py --gc-threshold 100000" {{arguments}}

# what a record costs, and how much memory a walk needs, from a thousand records to a million; `--write` draws the plot of the docs
bench-scale *arguments:
    python tests/bench/scale.py {{arguments}}

# everything, from nothing
ci:
    .ci/run

# the versions that tests and users get; needs uv
lock:
    uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml

# how long the language server takes to answer a keystroke
bench-keystroke *arguments:
    python tests/bench/keystroke.py {{arguments}}

# the contract's published document, run against the server: 20,000 requests and more; needs the extra `contract`
contract *arguments:
    pytest -m live tests/live/test_published_contract.py {{arguments}}

"""An editor that talks to the language server: a real client over standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities

from sessions import ENGINE, FERRULE

MARK = "§"
"""Where the cursor is in a text of a test."""
_SOON = 30


class Editor:
    """One session. What it is asked to do it does on an event loop of its own, which rests in between."""

    def __init__(self, name: str | None = "visual_studio_code", encodings: list[str] | None = None) -> None:
        """`name` is the program whose abilities it has, `encodings` are what it would count columns in."""
        self.loop = asyncio.new_event_loop()
        self.client = LanguageClient(converter_factory=default_converter)
        self.published: list[lsp.PublishDiagnosticsParams] = []
        self.messages: list[Any] = []
        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.published.append(params))
        self.client.feature(lsp.WINDOW_SHOW_MESSAGE)(lambda params: self.messages.append(params))
        self.capabilities = self.do(self._start(name, encodings)).capabilities

    async def _start(self, name: str | None, encodings: list[str] | None) -> lsp.InitializeResult:
        environment = {**os.environ, "PYTHONPATH": str(ENGINE), "PYTHONWARNINGS": "error"}
        await self.client.start_io(sys.executable, "-c", FERRULE, "lsp", env=environment)
        can = client_capabilities(name) if name is not None else lsp.ClientCapabilities()
        can.general = lsp.GeneralClientCapabilities(position_encodings=encodings)  # type: ignore[arg-type]
        return await self.client.initialize_session(lsp.InitializeParams(capabilities=can))

    def close(self) -> int | None:
        """End the session. The exit code of the server."""
        self.do(self.client.shutdown_session())
        self.do(self.client.stop())
        server = self.client._server
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        return server.returncode if server is not None else None

    def do(self, what: Awaitable[Any]) -> Any:
        """The result of something that is under way."""
        return self.loop.run_until_complete(asyncio.wait_for(what, _SOON))

    # documents

    def open(self, path: Path | str, text: str, version: int = 1) -> str:
        """Open a document, and give its address."""
        uri = path.as_uri() if isinstance(path, Path) else path
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "yaml", version, text)))
        return uri

    def change(self, uri: str, text: str, version: int) -> None:
        """Send what a document is now."""
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(uri=uri, version=version), [whole])
        )

    def shut(self, uri: str) -> None:
        """Close a document."""
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    def findings(self, uri: str, version: int | None = 1) -> list[lsp.Diagnostic]:
        """What is published for a version of a document, as soon as it is."""

        async def published() -> list[lsp.Diagnostic]:
            while True:
                for each in self.published:
                    if each.uri == uri and each.version == version:
                        return list(each.diagnostics)
                await asyncio.sleep(0.005)

        found: list[lsp.Diagnostic] = self.do(published())
        return found

    # questions

    def complete(self, uri: str, place: lsp.Position) -> list[lsp.CompletionItem]:
        """What may be written there."""
        return list(self.do(self.client.text_document_completion_async(lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), place))))

    def hover(self, uri: str, place: lsp.Position) -> str | None:
        """What is to be known of what stands there."""
        found = self.do(self.client.text_document_hover_async(lsp.HoverParams(lsp.TextDocumentIdentifier(uri), place)))
        return found.contents.value if found is not None else None

    def value(self, uri: str, place: lsp.Position) -> str:
        """The same, asked again until the values of cassettes are there: a hover does not wait for long."""
        end = self.loop.time() + _SOON
        while "gave" not in (said := self.hover(uri, place) or "") and self.loop.time() < end:
            pass
        return said

    def definition(self, uri: str, place: lsp.Position) -> lsp.Location | None:
        """Where it is defined."""
        found: lsp.Location | None = self.do(
            self.client.text_document_definition_async(lsp.DefinitionParams(lsp.TextDocumentIdentifier(uri), place))
        )
        return found

    def actions(self, uri: str, stretch: lsp.Range) -> list[lsp.CodeAction]:
        """What would mend what was found there."""
        asked = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), stretch, lsp.CodeActionContext([]))
        return list(self.do(self.client.text_document_code_action_async(asked)))


def marked(text: str) -> tuple[str, lsp.Position]:
    """A text without its mark, and the place of the mark in UTF-16."""
    before, _, after = text.partition(MARK)
    line = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return before + after, lsp.Position(len(line) - 1, len(line[-1].encode("utf-16-le")) // 2)


def applied(text: str, edit: lsp.TextEdit) -> str:
    """A text after an edit, of lines without characters beyond the first plane."""
    rows = text.splitlines(keepends=True)
    starts = [sum(map(len, rows[:number])) for number in range(len(rows) + 1)]
    start, end = (starts[each.line] + each.character for each in (edit.range.start, edit.range.end))
    return text[:start] + edit.new_text + text[end:]

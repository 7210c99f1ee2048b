"""The protocol: what a client sends and is sent. All that it asks is answered elsewhere.

Findings are looked for in one thread, values of cassettes in another, so that a question is answered while they are at work.
A document is sent whole with each change: it cannot come apart from what the client has.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.uris import to_fs_path

from ferrule.diagnostics import Diagnostic
from ferrule.lint import diagnose, idle_ignore, unused_credential_field, unused_name, unused_setting
from ferrule.lsp.complete import Item, complete
from ferrule.lsp.goto import definition
from ferrule.lsp.hover import hover
from ferrule.lsp.more import Symbol, remedies, symbols
from ferrule.lsp.positions import Encoding, Positions
from ferrule.lsp.spot import Page
from ferrule.lsp.values import Samples, samples

_LOG = logging.getLogger(__name__)

DELAY = 0.01
"""Seconds without a change before findings are looked for: a burst costs one run. They count in the time to an answer."""
PATIENCE = 1.5
"""Seconds that a hover waits for the values of cassettes. What comes later is there for the next one."""

_SPEC = re.compile(r"^ferrule:[ \t]+[^\s{\[#&*!]", re.MULTILINE)
_SECTIONS = (re.compile(r"^app:", re.MULTILINE), re.compile(r"^(capabilities|http|auth):", re.MULTILINE))
_FADED = {module.CODE for module in (idle_ignore, unused_credential_field, unused_name, unused_setting)}


@dataclass(slots=True)
class Document:
    """A document that a client has open."""

    uri: str
    page: Page
    positions: Positions
    version: int | None = None
    is_spec: bool = False
    found: list[Diagnostic] = field(default_factory=list)
    """What was found in this version; nothing until it was looked at."""
    timer: asyncio.TimerHandle | None = None
    run: asyncio.Task[None] | None = None
    values: asyncio.Future[Samples] | None = None
    """What cassettes gave for this version, where it was asked for."""

    @property
    def path(self) -> Path:
        """The file, which need not be there."""
        return Path(to_fs_path(self.uri) or "untitled.yaml")


class Protocol(LanguageServerProtocol):
    """The protocol, which refuses a request that it cannot read rather than say nothing."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """The message that `data` is."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), (int, str)):
                self._send_response(data["id"], None, error.to_response_error())
            raise


class SpecServer(LanguageServer):
    """A server of connector specs."""

    def __init__(self) -> None:
        super().__init__(
            "ferrule",
            version("ferrule"),
            text_document_sync_kind=lsp.TextDocumentSyncKind.Full,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.documents: dict[str, Document] = {}
        self.linting = ThreadPoolExecutor(1, "lint")
        self.replaying = ThreadPoolExecutor(1, "replay")

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors go into answers and the log; nobody is interrupted by them while they type."""

    # documents

    def read(self, uri: str, text: str, number: int | None) -> None:
        """Take a document as it is now, and look at it when it has rested a moment."""
        before = self.documents.get(uri)
        positions = Positions(text, self.encoding)
        page = Page(text, before.page.samples if before else {})
        is_spec = (before is not None and before.is_spec) or is_spec_text(text)
        document = Document(uri, page, positions, number, is_spec)
        if before is not None and before.timer is not None:
            before.timer.cancel()
        self.documents[uri] = document
        if is_spec:
            document.timer = asyncio.get_running_loop().call_later(DELAY if before else 0, self.look, document)

    @property
    def encoding(self) -> Encoding:
        """What both sides count columns in."""
        agreed = self.server_capabilities.position_encoding
        return "utf-8" if agreed == lsp.PositionEncodingKind.Utf8 else "utf-32" if agreed == lsp.PositionEncodingKind.Utf32 else "utf-16"

    def close(self, uri: str) -> None:
        """Forget a document."""
        document = self.documents.pop(uri, None)
        if document is not None and document.timer is not None:
            document.timer.cancel()
        self.publish(uri, [], None)

    def look(self, document: Document) -> None:
        """Look for findings, and publish them unless the document has changed meanwhile."""

        def findings() -> list[Diagnostic] | None:
            is_current = self.documents.get(document.uri) is document
            return diagnose(document.page.text.removeprefix("\ufeff"), document.path.name) if is_current else None

        async def run() -> None:
            try:
                found = await asyncio.get_running_loop().run_in_executor(self.linting, findings)
            except Exception:  # noqa: BLE001 - a rule that breaks is our mistake: the log has it, and the session goes on
                _LOG.exception("%s could not be checked", document.uri)
                return
            if found is not None and self.documents.get(document.uri) is document:
                document.found = found
                self.publish(document.uri, [self.of_finding(each, document.positions) for each in found], document.version)

        document.run = asyncio.ensure_future(run())

    def of_finding(self, finding: Diagnostic, positions: Positions) -> lsp.Diagnostic:
        """A finding as the client knows it."""
        fades = get_capability(self.client_capabilities, "text_document.publish_diagnostics.tag_support") is not None
        return lsp.Diagnostic(
            range=of_range(positions, *positions.range_of(finding.span)),
            message=finding.message + (f"\nhint: {finding.hint}" if finding.hint else ""),
            severity=lsp.DiagnosticSeverity.Error if finding.code.severity == "error" else lsp.DiagnosticSeverity.Warning,
            code=finding.code.id,
            source="ferrule",
            tags=[lsp.DiagnosticTag.Unnecessary] if fades and finding.code in _FADED else None,
        )

    def of_item(self, item: Item, number: int, positions: Positions) -> lsp.CompletionItem:
        """A proposal as the client knows it, in our order."""
        formats = get_capability(self.client_capabilities, "text_document.completion.completion_item.documentation_format")
        return lsp.CompletionItem(
            label=item.label,
            kind=_KINDS[item.kind],
            documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, item.doc) if item.doc and _markdown(formats) else item.doc or None,
            sort_text=f"{number:04}",
            filter_text=item.insert.rstrip(": ("),
            text_edit=lsp.TextEdit(of_range(positions, item.start, item.end), item.insert),
        )

    def publish(self, uri: str, found: list[lsp.Diagnostic], number: int | None) -> None:
        """Tell the client what was found."""
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, number))

    async def values(self, document: Document) -> Samples:
        """What cassettes gave for this very version of a document; nothing where that takes too long, or it does not compile."""
        if document.values is None:
            loop = asyncio.get_running_loop()
            document.values = asyncio.ensure_future(loop.run_in_executor(self.replaying, samples, document.page.text, document.path))
        done, _ = await asyncio.wait([document.values], timeout=PATIENCE)
        if not done or document.values.exception() is not None:
            return {}
        found = document.values.result()
        document.page = replace(document.page, samples=found or document.page.samples)  # for proposals older ones will do
        return found

    def shutdown(self) -> None:
        """End, and whatever is at work."""
        self.linting.shutdown(wait=False, cancel_futures=True)
        self.replaying.shutdown(wait=False, cancel_futures=True)
        super().shutdown()  # type: ignore[no-untyped-call]


def is_spec_text(text: str) -> bool:
    """Whether a document is a spec. The `ferrule` of a cassette is a mapping; a spec whose first line is not written yet has
    an app and what is asked of it."""
    return bool(_SPEC.search(text)) or all(section.search(text) for section in _SECTIONS)


# What is told


def of_range(positions: Positions, start: int, end: int) -> lsp.Range:
    """A stretch of the text as the client counts it."""
    return lsp.Range(lsp.Position(*positions.place(start)), lsp.Position(*positions.place(end)))


_KINDS = {
    "key": lsp.CompletionItemKind.Property,
    "value": lsp.CompletionItemKind.EnumMember,
    "name": lsp.CompletionItemKind.Variable,
    "function": lsp.CompletionItemKind.Function,
    "field": lsp.CompletionItemKind.Field,
    "reference": lsp.CompletionItemKind.Reference,
}


def _markdown(formats: Sequence[lsp.MarkupKind] | None) -> bool:
    """Whether a client that names these formats can show Markdown."""
    return lsp.MarkupKind.Markdown in (formats or ())


def of_symbol(symbol: Symbol, positions: Positions, depth: int = 0) -> lsp.DocumentSymbol:
    """A symbol as the client knows it."""
    kind = lsp.SymbolKind.Namespace if depth == 0 else lsp.SymbolKind.Function if depth == 1 else lsp.SymbolKind.Field
    inner = [of_symbol(each, positions, depth + 1) for each in symbol.inner]
    return lsp.DocumentSymbol(
        symbol.name or "…", kind, of_range(positions, symbol.start, symbol.end), of_range(positions, *symbol.key), children=inner
    )


# What is asked


def make() -> SpecServer:
    """A server with all it can do."""
    server = SpecServer()
    _documents(server)
    _questions(server)
    _remedies(server)
    return server


def _documents(server: SpecServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.documents.pop(params.text_document.uri, None)
        server.read(params.text_document.uri, params.text_document.text, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        whole = [change.text for change in params.content_changes if isinstance(change, lsp.TextDocumentContentChangeWholeDocument)]
        if whole and params.text_document.uri in server.documents:
            server.read(params.text_document.uri, whole[-1], params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)


def _questions(server: SpecServer) -> None:
    def asked(uri: str, position: lsp.Position) -> tuple[Document, int] | None:
        document = server.documents.get(uri)
        if document is None or not (document.is_spec or not document.page.text.strip()):
            return None
        return document, document.positions.offset(position.line, position.character)

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", "{", "|", "*", " ", ":", "["]))
    def completion(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        found = asked(params.text_document.uri, params.position)
        if found is None:
            return []
        document, offset = found
        return [server.of_item(item, number, document.positions) for number, item in enumerate(complete(document.page, offset))]

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        found = asked(params.text_document.uri, params.position)
        if found is None:
            return None
        document, offset = found
        page = replace(document.page, samples=await server.values(document))
        said = hover(page, offset)
        if said is None:
            return None
        formats = get_capability(server.client_capabilities, "text_document.hover.content_format")
        kind = lsp.MarkupKind.Markdown if _markdown(formats) else lsp.MarkupKind.PlainText
        return lsp.Hover(lsp.MarkupContent(kind, said[0]), of_range(document.positions, *said[1:]))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        found = asked(params.text_document.uri, params.position)
        place = definition(found[0].page, found[1]) if found is not None else None
        return lsp.Location(found[0].uri, of_range(found[0].positions, *place)) if found is not None and place is not None else None

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        document = server.documents.get(params.text_document.uri)
        if document is None or not document.is_spec:
            return []
        return [of_symbol(each, document.positions) for each in symbols(document.page.root)]


def _remedies(server: SpecServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        first, last = params.range.start.line, params.range.end.line
        near = [each for each in document.found if first <= document.positions.place(document.positions.range_of(each.span)[0])[0] <= last]
        return [
            lsp.CodeAction(
                title=remedy.title,
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[server.of_finding(remedy.finding, document.positions)],
                edit=lsp.WorkspaceEdit(
                    changes={document.uri: [lsp.TextEdit(of_range(document.positions, remedy.start, remedy.end), remedy.text)]}
                ),
            )
            for remedy in remedies(document.page.text, near, document.positions)
        ]


def serve() -> None:
    """Serve a client over standard input and output, until it says that it is done."""
    server = make()
    gc.freeze()  # what is loaded by now stays: not to be looked through with every keystroke
    server.start_io()

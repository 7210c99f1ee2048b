"""The language server: what an editor asks while a spec is written.

Everything but `server` is plain functions over the text of a document and a place in it; `server` alone knows the protocol.
"""

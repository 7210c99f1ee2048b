"""A connector as an executable of its own: the command line it has, and the file that `ferrule build` makes of it.

`command` is the command line, `replayed` answers it from a cassette. `contents` finds what a file must hold, `build` writes it,
and `start` is the program that the file begins with.
"""

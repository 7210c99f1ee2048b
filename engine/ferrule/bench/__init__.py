"""What `ferrule bench` measures, and with what: an application, its spec, and the figures of a walk."""

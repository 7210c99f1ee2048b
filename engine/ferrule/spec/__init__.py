"""What a spec file says, as frozen models named like its keys."""

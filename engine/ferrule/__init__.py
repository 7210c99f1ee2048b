"""Ferrule: one YAML file per app, one contract for access governance."""

"""The published Lumos Connector API as models: what a caller may send and what an answer must look like.

Field names, requiredness and enum values are the contract's. One file per theme; `capabilities.py`, one floor up, says
which model belongs to which capability.
"""

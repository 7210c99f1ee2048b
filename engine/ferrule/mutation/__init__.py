"""Breaking a spec in every way a person would, to see whether its cassettes and the linter notice."""

from ferrule.mutation.judge import Court, Mutant, Score, Verdict, court, mutants, score
from ferrule.mutation.mutators import MUTATORS

__all__ = ["MUTATORS", "Court", "Mutant", "Score", "Verdict", "court", "mutants", "score"]

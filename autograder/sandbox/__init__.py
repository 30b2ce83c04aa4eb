"""Isolation: running a submission's code where it can reach nothing, and bringing back observations.

A level is a way to start the worker; what goes in (a job) and what comes out (frames of observations) is the same for all.
Levels A (a zygote with namespaces) and B (Landlock) fit in as further entries of ``LEVELS``.
"""

from __future__ import annotations

from autograder.sandbox.level import LEVELS, Level, Unavailable, choose
from autograder.sandbox.run import DEFAULT_LIMITS, CellError, Limits, Observed, observe_submission

__all__ = [
    "DEFAULT_LIMITS",
    "LEVELS",
    "CellError",
    "Level",
    "Limits",
    "Observed",
    "Unavailable",
    "choose",
    "observe_submission",
]

"""nbgrader's ``generate_assignment`` on a notebook in memory: its own preprocessors, without its database."""

from __future__ import annotations

import logging
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import CourseError


def through_nbgrader(node: NotebookNode, stub: str) -> NotebookNode:
    """The release of a draft: cells locked, solutions replaced by ``stub``, checksums added, metadata valid.

    Raises ``ValueError`` with nbgrader's reason where it refuses the draft.
    """
    try:
        from nbgrader import preprocessors as stock
        from nbgrader.nbgraderformat import ValidationError
    except ImportError:
        raise CourseError(
            "nbgrader, which makes the notebooks, is missing: pip install '.[instructor]'"
        ) from None
    # nbgrader logs a whole cell, solution included, before it raises.
    log = logging.Logger("autograder.generate", level=logging.CRITICAL + 1)
    steps = [
        stock.LockCells(log=log),
        stock.ClearSolutions(log=log, code_stub={"python": stub}),
        stock.ClearOutput(log=log),
        stock.CheckCellMetadata(log=log),
        stock.ComputeChecksums(log=log),
        stock.ClearHiddenTests(log=log),
        stock.ClearMarkScheme(log=log),
        stock.ComputeChecksums(log=log),  # again, as the stock pipeline does, after what clears
        stock.CheckCellMetadata(log=log),
    ]
    resources: dict[str, Any] = {}
    try:
        for step in steps:
            node, resources = step.preprocess(node, resources)
        nbformat.validate(node)
    except (RuntimeError, ValidationError, nbformat.ValidationError) as error:
        raise ValueError(str(error)) from None
    return node

"""A sample class of one lecture, as an instructor finds it: good, wrong, unfinished, hostile and broken submissions.

``python tests/sample_class.py FOLDER`` writes FOLDER/<student>/<lecture>/<lecture>.ipynb.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from autograder.build import filled, notebook_bytes, stub_source
from autograder.course import Lecture, read_lecture
from autograder.exam import variants

LECTURE = "lecture07_classification"
MISTAKES = {
    "bo": ("softmax", "no_shift"),
    "chen": ("cross_entropy_logits", "double_softmax"),
    "dilnoza": ("softmax_ce_grad", "no_mean"),
    "emeka": ("accuracy", "wrong_axis"),
}


def variant_source(lecture: str, exercise: str, variant_id: str) -> str:
    """A variant as a student would have written it: under the exercise's own name, without the decorator."""
    found = next(v for v in variants(lecture) if (v.exercise, v.id) == (exercise, variant_id))
    tree = ast.parse(textwrap.dedent(inspect.getsource(found.implementation)))
    node = tree.body[0]
    assert isinstance(node, (ast.FunctionDef, ast.ClassDef))
    node.name, node.decorator_list = exercise, []
    return ast.unparse(_Own().visit(tree))


class _Own(ast.NodeTransformer):
    """``ref.softmax``, the bank's way to another exercise, is ``softmax`` in a student's notebook."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "ref":
            return ast.copy_location(ast.Name(node.attr, node.ctx), node)
        return self.generic_visit(node)


def submissions(lecture: Lecture) -> Mapping[str, bytes]:
    """Student -> the bytes that they handed in."""

    def with_changes(**sources: str) -> bytes:
        return notebook_bytes(filled(lecture, "en", {name: source for name, source in sources.items()}))

    reference = {e.name: "" for e in lecture.exercises}
    warned = (
        "import sys, warnings\n\ndef accuracy(logits, labels):\n    warnings.warn('deprecated')\n"
        "    print('debugging', logits.shape)\n    print('look out', file=sys.stderr)\n"
        "    return (logits.argmax(1) == labels).to(logits.dtype).mean()\n"
    )
    return {
        "ada": notebook_bytes(filled(lecture, "en")),
        **{s: with_changes(**{e: variant_source(lecture.name, e, v)}) for s, (e, v) in MISTAKES.items()},
        "farah": notebook_bytes(filled(lecture, "zh", {name: stub_source(lecture, name, "zh") for name in reference})),
        "goro": with_changes(accuracy=warned),
        "hana": with_changes(squared_error="def squared_error(y_prime, y_hat):\n    while True:\n        pass\n"),
        "ivan": with_changes(one_hot="import os\n\ndef one_hot(labels, C):\n    os._exit(0)\n"),
        "jun": b"Dear professor, my notebook is in the attachment.\n",
    }


def write(folder: Path) -> None:
    lecture = read_lecture(LECTURE)
    for student, data in submissions(lecture).items():
        place = folder / student / lecture.name
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{lecture.name}.ipynb").write_bytes(data)


if __name__ == "__main__":
    write(Path(sys.argv[1]))

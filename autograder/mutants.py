"""First-order mutants of the reference: one small change each, as a typing slip or a wrong belief would make it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
_NAMES = {
    "amax": "amin", "amin": "amax", "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "sum": "mean",
    "mean": "sum", "exp": "sqrt", "sqrt": "exp", "log": "exp", "sin": "cos", "cos": "sin", "abs": "neg", "zeros": "ones",
    "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like", "floor": "ceil", "ceil": "floor", "tril": "triu",
    "triu": "tril", "maximum": "minimum", "minimum": "maximum",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """``change`` is stable under edits elsewhere: the line within the exercise, and what became what."""

    change: str
    source: str


def mutants(source: str, name: str) -> Iterator[Mutant]:
    """The mutants of the function or class ``name`` in ``source``."""
    tree = ast.parse(source)
    top = next(n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == name)
    nodes = [n for n in ast.walk(top) if not _is_annotation(n, top)]
    seen: set[str] = set()
    for index, node in enumerate(nodes):
        for replacement in _replacements(node):
            change = f"line {node.lineno - top.lineno + 1}: {_text(node)} -> {_text(replacement)}"  # type: ignore[attr-defined]
            clone = copy.deepcopy(tree)
            clone_top = next(n for n in clone.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == name)
            target = [n for n in ast.walk(clone_top) if not _is_annotation(n, clone_top)][index]
            _Replace(target, replacement).visit(clone)
            text = ast.unparse(ast.fix_missing_locations(clone))
            if text not in seen:
                seen.add(text)
                yield Mutant(change, text)


def _is_annotation(node: ast.AST, top: ast.AST) -> bool:
    return node in _skipped(top)


def _skipped(top: ast.AST) -> set[ast.AST]:
    """Annotations and docstrings: changing them changes nothing that runs."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(top):
        roots: list[ast.AST | None] = []
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                roots.append(first)
        if isinstance(node, ast.FunctionDef):
            roots.append(node.returns)
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            roots.append(node.annotation)
        if isinstance(node, ast.Raise):
            roots.append(node)
        for root in roots:
            if root is not None:
                skipped.update(ast.walk(root))
    return skipped


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, replacement: ast.AST):
        self.target, self.replacement = target, replacement

    def visit(self, node: ast.AST) -> ast.AST:
        return self.replacement if node is self.target else self.generic_visit(node)


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp):
        for operator in _BINARY.get(type(node.op), ()):
            yield ast.copy_location(ast.BinOp(node.left, operator(), node.right), node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for comparison in _COMPARE.get(type(node.ops[0]), ()):
            yield ast.copy_location(ast.Compare(node.left, [comparison()], node.comparators), node)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield ast.copy_location(ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values), node)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.copy_location(ast.Constant(not node.value), node)
        elif isinstance(node.value, (int, float)):
            yield ast.copy_location(ast.Constant(node.value + 1), node)
            if node.value not in (0, 1):
                yield ast.copy_location(ast.Constant(node.value - 1), node)
    elif isinstance(node, ast.Attribute) and node.attr in _NAMES:
        yield ast.copy_location(ast.Attribute(node.value, _NAMES[node.attr], node.ctx), node)
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        if not isinstance(node.func.value, ast.Call) or not _is_super(node.func.value):
            yield node.func.value  # .abs(), .sqrt(), .t() left out


def _is_super(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "super"


def _text(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else f"{text[:57]}..."

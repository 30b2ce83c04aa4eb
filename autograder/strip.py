"""Cutting a grader's source down to what may enter a sandbox: some probes and what they use, no judge, no tolerance.

The same cut, the other way round, gives the judges alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

_TRUSTED_KEYWORDS = {"judge", "tolerance"}


def probes_source(source: str, wanted: Iterable[str]) -> str:
    """The module with the ``wanted`` probes, the definitions they use, and nothing that judges."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call):
                    decorator.keywords = [k for k in decorator.keywords if k.arg not in _TRUSTED_KEYWORDS]
    body = [node for node in tree.body if not _is_judge(node)]
    return _reachable(body, set(wanted))


def judges_source(source: str, wanted: Iterable[str]) -> str:
    """The module with the ``wanted`` judges and the definitions they use."""
    return _reachable(ast.parse(source).body, set(wanted))


def _is_judge(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.ClassDef)) and any(
        isinstance(d, ast.Name) and d.id == "judge" for d in node.decorator_list
    )


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {_alias(a) for a in node.names}
    stored = [n for n in ast.walk(node) if isinstance(n, (ast.Name, ast.Attribute, ast.Subscript))]
    return {_owner(n) for n in stored if isinstance(n.ctx, ast.Store)}


def _alias(alias: ast.alias) -> str:
    return (alias.asname or alias.name).partition(".")[0]


def _owner(target: ast.expr) -> str:
    """The name that an assignment changes: ``f`` of ``f = …``, of ``f.code = …`` and of ``f[0] = …``."""
    while isinstance(target, (ast.Attribute, ast.Subscript)):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _reachable(body: list[ast.stmt], roots: set[str]) -> str:
    needed: set[str] = set()
    fresh = set(roots)
    while fresh:
        needed |= fresh
        used = {
            name.id for node in body if _bound(node) & fresh for name in ast.walk(node) if isinstance(name, ast.Name)
        }
        fresh = used - needed
    kept = [node for node in body if _bound(node) & needed and not isinstance(node, ast.Expr)]
    for node in kept:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            node.names = [a for a in node.names if _alias(a) in needed]
    return ast.unparse(ast.Module(kept, []))

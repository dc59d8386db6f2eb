"""Every action that the program writes on the audit trail, found in its source."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Where the action stands in a call: `audit.record` has it third, the others fourth.
_RECORDERS = {"record": (3, 2), "record_on_alert": (3,)}
_ITSELF = {"bot/services/trail.py", "bot/storage/audit.py", "bot/services/alerts/chain.py"}


def actions() -> dict[str, str]:
    """Return each action with a file that records it; AssertionError for a call that cannot be read."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if "sandbox" not in path.parts:
            found |= dict.fromkeys(_of_module(path, name), name)
    return found


def _of_module(path: Path, name: str) -> Iterator[str]:
    tree = _tree(path)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]:
        if function.name == "record" and name in _ITSELF:
            continue
        for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
            places = _RECORDERS.get(_name(call.func), ())
            # An infusion is recorded by a function of the same name.
            starred = any(isinstance(each, ast.Starred) for each in call.args)
            if places and len(call.args) > 4 and not starred:
                said = [list(_said(call.args[place], function, tree)) for place in places]
                yield from next((each for each in said if each), [f"unknown, line {call.lineno}"])


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _said(node: ast.expr, function: ast.AsyncFunctionDef, tree: ast.Module) -> Iterator[str]:
    """Yield the words that an expression can stand for: literals, constants, and what callers hand down."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _said(node.body, function, tree)
        yield from _said(node.orelse, function, tree)
    elif isinstance(node, ast.Name):
        yield from _named(node.id, function, tree)


def _named(name: str, function: ast.AsyncFunctionDef, tree: ast.Module) -> Iterator[str]:
    for target, value in _assigned([*ast.walk(function), *tree.body], name):
        if isinstance(target, ast.Tuple):
            place = [getattr(each, "id", "") for each in target.elts].index(name)
            for each in value.elts if isinstance(value, ast.Tuple) else _branches(value):
                chosen = each.elts[place] if isinstance(each, ast.Tuple) else each
                if not isinstance(value, ast.Tuple) or value.elts.index(each) == place:
                    yield from _said(chosen, function, tree)
        else:
            yield from _said(value, function, tree)
    parameters = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
    if name in parameters:
        yield from _handed(name, parameters.index(name), function, tree)
    yield from _imported(name, tree)


def _branches(value: ast.expr) -> list[ast.expr]:
    return [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]


def _assigned(nodes: list[ast.AST], name: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if name in [getattr(each, "id", "") for each in ast.walk(target)]:
                    yield target, node.value


def _handed(name: str, place: int, function: ast.AsyncFunctionDef, tree: ast.Module) -> Iterator[str]:
    private = function.name.startswith("_")
    for module in [tree] if private else [_tree(path) for path in sorted((ROOT / "bot").rglob("*.py"))]:
        for other, call in _calls(module, function.name):
            if other.name == function.name:
                continue
            handed = [each.value for each in call.keywords if each.arg == name]
            for each in (*handed, *call.args[place : place + 1]):
                yield from _said(each, other, module)


@cache
def _calls(tree: ast.Module, name: str) -> tuple[tuple[ast.AsyncFunctionDef, ast.Call], ...]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]
    return tuple(
        (function, call)
        for function in functions
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _name(call.func) == name
    )


def _imported(name: str, tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and name in [each.asname or each.name for each in node.names]:
            original = next(each.name for each in node.names if name in (each.asname, each.name))
            path = ROOT / f"{(node.module or '').replace('.', '/')}.py"
            if path.exists():
                other = _tree(path)
                for _, value in _assigned(list(other.body), original):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value.value
                    elif isinstance(value, ast.Tuple):
                        yield from _of_tuple(other, original)


def _of_tuple(tree: ast.Module, name: str) -> Iterator[str]:
    for target, value in _assigned(list(tree.body), name):
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            place = [getattr(each, "id", "") for each in target.elts].index(name)
            chosen = value.elts[place]
            if isinstance(chosen, ast.Constant) and isinstance(chosen.value, str):
                yield chosen.value


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))

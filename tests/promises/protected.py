"""Which screens cannot be forwarded or saved: every place in the code that builds one with `protect`."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("protected.txt")


def found() -> list[str]:
    """Return `module.function` for each function that builds a protected screen."""
    files = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")]
    return sorted({name for file in files for name in _in(file)})


def _in(file: Path) -> Iterator[str]:
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            map(_protects, ast.walk(function))
        ):
            yield f"{module}.{function.name}"


def _protects(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    by_name = any(each.arg == "protect" and not _is_false(each.value) for each in node.keywords)
    by_place = getattr(node.func, "id", "") == "Screen" and len(node.args) > 2 and not _is_false(node.args[2])
    return by_name or by_place


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False

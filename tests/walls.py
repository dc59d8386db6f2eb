"""The walls of the house as an import-linter contract: one line per package, what of ours it may import."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

Table = dict[str, set[str]]


class WallsContract(Contract):
    """Hold every direct import between our packages against a table of what is allowed.

    The kinds that import-linter ships say what is forbidden, so that a new
    package is free until somebody remembers it. This one says what is allowed,
    and a package without a line breaks it.
    """

    type_name = "walls"
    may_import = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Return every import through a wall, and every package that has no line in the table."""
        packages = sorted(_packages(graph))
        table = read_table(self.may_import, set(packages))  # type: ignore[arg-type]
        faults = [f"{name} has no line in may_import" for name in packages if name not in table]
        for module in sorted(graph.modules):
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                source, target = _package_of(module, packages), _package_of(imported, packages)
                if source in table and target and target not in table[source] | {source}:
                    faults.append(f"{module} imports {imported}, and {source} may not import {target}")
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each fault on its own line."""
        for fault in check.metadata["faults"]:
            output.print_error(f"- {fault}", bold=False)


def read_table(lines: list[str], packages: set[str]) -> Table:
    """Return importer → allowed packages; `*` stands for every package, `-name` takes one back."""
    return {name.strip(): _allowed(rest.split(), packages) for name, rest in _split(lines)}


def _split(lines: list[str]) -> list[tuple[str, str]]:
    parts = [line.partition(":") for line in lines]
    return [(name, rest) for name, _, rest in parts]


def _allowed(words: list[str], packages: set[str]) -> set[str]:
    wanted = set(packages) if "*" in words else {word for word in words if not word.startswith("-")}
    return wanted - {word[1:] for word in words if word.startswith("-")}


def _packages(graph: ImportGraph) -> set[str]:
    return graph.find_children("bot") | {"handlers"}


def _package_of(module: str, packages: list[str]) -> str | None:
    return next((name for name in packages if module == name or module.startswith(f"{name}.")), None)

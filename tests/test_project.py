"""Checks of the project itself: settings, pins, walls, sizes, and what must never be in the repository."""

import ast
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from grimp import ImportGraph
from importlinter.domain.contract import ContractCheck

from tests.walls import WallsContract

ROOT = Path(__file__).resolve().parent.parent
REGISTRATION = ROOT.parent / "shared" / "trial" / "NCT06676631-registration.txt"
LOCKS = ("requirements.txt", "requirements-dev.txt")
MOST_LINES_IN_A_MODULE = 350
MOST_LINES_IN_A_FUNCTION = 60


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git knows; every file of a tree without git would be too many to say anything."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        pytest.skip("not a git checkout")
    return [path for name in asked.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in tracked("bot/*.py", "handlers/*.py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


# --- settings -------------------------------------------------------------------------------------------


def example() -> dict[str, str]:
    lines = re.findall(r"(?m)^#?([A-Z][A-Z_]+)=(.*)$", read(".env.example"))
    assert len(lines) == len(dict(lines)), "a setting stands twice in .env.example"
    return dict(lines)


def test_every_setting_is_in_the_example_and_the_other_way_round():
    from bot.settings import Settings

    assert {name.upper() for name in Settings.model_fields} == set(example())


def test_the_example_shows_the_real_defaults():
    from bot.settings import Settings

    defaults = {
        name.upper(): str(field.default)
        for name, field in Settings.model_fields.items()
        if type(field.default) in (str, int)
    }
    assert defaults
    assert {name: example()[name] for name in defaults} == defaults


def test_every_setting_has_a_comment_in_both_languages():
    comment: list[str] = []
    settings_above = False
    for line in read(".env.example").splitlines():
        if re.match(r"#?[A-Z][A-Z_]+=", line):
            said = " ".join(comment)
            assert re.search(r"[\u4e00-\u9fff]", said), f"no Chinese comment above {line}"
            assert re.search(r"[A-Za-z]{2}", re.sub(r"`[^`]*`", "", said)), f"no English comment above {line}"
            settings_above = True
        elif line.startswith("# "):
            comment = [line] if settings_above else [*comment, line]
            settings_above = False
        else:
            comment, settings_above = [], False


# --- pins -----------------------------------------------------------------------------------------------


def pins(name: str) -> dict[str, list[str]]:
    """Return the entries of a requirements file, `name==version ; marker`, each with its hashes."""
    entries = re.split(r"(?m)^(?=\S)", read(name))
    found = {entry.split(" \\")[0].split("\n")[0]: re.findall(r"--hash=(\S+)", entry) for entry in entries}
    found.pop("", None)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_with_hashes_and_names_no_place(name):
    entries = pins(name)
    assert entries
    for entry, hashes in entries.items():
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==[\w.]+( ;.*)?$", entry), entry
        assert hashes, f"{entry} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), entry
    assert not re.search(r"://|index-url|find-links|trusted-host", read(name))


def test_developers_run_what_is_shipped():
    shipped, developed = (pins(name) for name in LOCKS)
    assert shipped.items() <= developed.items()


def test_every_dependency_is_pinned():
    project = tomllib.loads(read("pyproject.toml"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.txt": project["project"]["dependencies"] + groups["build"],
        "requirements-dev.txt": groups["dev"],
    }
    for name, dependencies in wanted.items():
        pinned = {re.split(r"[\[=]", entry)[0] for entry in pins(name)}
        assert {re.split(r"[\[<>=]", one)[0] for one in dependencies} <= pinned, "run `make lock`"


# --- walls ----------------------------------------------------------------------------------------------


def contract(may_import: list[str]) -> WallsContract:
    options = {"may_import": may_import}
    return WallsContract(name="walls", session_options={}, contract_options=options)


def held(may_import: list[str], *imports: tuple[str, str]) -> ContractCheck:
    graph = ImportGraph()
    for module in ("bot", "bot.domain", "bot.domain.calendar", "bot.storage", "handlers"):
        graph.add_module(module)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    return contract(may_import).check(graph, verbose=False)


TABLE = ["bot.domain:", "bot.storage: bot.domain", "handlers: * -bot.storage"]


def test_an_allowed_import_keeps_the_walls():
    imports = (("bot.storage", "bot.domain.calendar"), ("handlers", "bot.domain"))
    assert held(TABLE, *imports).kept


@pytest.mark.parametrize(
    ("importer", "imported"),
    [("bot.domain.calendar", "bot.storage"), ("handlers", "bot.storage"), ("bot.storage", "handlers")],
)
def test_an_import_through_a_wall_is_found(importer, imported):
    (fault,) = held(TABLE, (importer, imported)).metadata["faults"]
    assert fault.startswith(f"{importer} imports {imported}")


def test_a_package_without_a_line_breaks_the_walls():
    assert held(TABLE[1:]).metadata["faults"] == ["bot.domain has no line in may_import"]


def test_every_name_in_the_table_of_walls_exists():
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    table = next(one["may_import"] for one in contracts if one["type"] == "walls")
    names = {word.strip(":").removeprefix("-") for line in table for word in line.split()} - {"*"}
    paths = {name: ROOT / name.replace(".", "/") for name in names}
    assert not {name for name, at in paths.items() if not (at.is_dir() or at.with_suffix(".py").is_file())}


# --- the house rules ------------------------------------------------------------------------------------

WALL_CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
}  # fmt: skip


def calls_the_time(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return (name, node.func.attr) in WALL_CLOCKS


def test_only_the_clock_reads_the_time():
    readers = [
        place(path, node)
        for path, tree in trees()
        for node in ast.walk(tree)
        if calls_the_time(node) and path != ROOT / "bot/clock.py"
    ]
    assert not readers


def test_the_search_for_readers_of_the_time_finds_the_clock():
    tree = ast.parse(read("bot/clock.py"))
    assert any(calls_the_time(node) for node in ast.walk(tree))


def test_no_module_is_crowded():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("bot/*.py", "handlers/*.py")
        # A migration is a picture of the tables on one day: long, flat, and never changed.
        if "versions" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES_IN_A_MODULE
    }
    assert not long


def test_no_function_is_long():
    long = {
        place(path, node): size
        for path, tree in trees()
        for node in ast.walk(tree)
        if "versions" not in path.parts
        and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_IN_A_FUNCTION
    }
    assert not long


def test_every_make_target_that_a_page_names_exists():
    targets = set(re.findall(r"(?m)^([a-z.][a-z./-]*):", read("Makefile")))
    pages = tracked("*.md", "docs/*.md")
    named = {
        (str(page.relative_to(ROOT)), target)
        for page in pages
        for target in re.findall(r"(?m)(?:^|`|&& )make ([a-z][a-z-]*)", page.read_text(encoding="utf-8"))
    }
    assert named, "no page names a make target"
    assert not {(page, target) for page, target in named if target not in targets}


# --- what must never be in the repository ---------------------------------------------------------------


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield str(path.relative_to(ROOT)), content.decode("utf-8", errors="replace")


def test_no_file_holds_a_path_of_a_machine():
    ours = {f"{ROOT}/", f"{ROOT.parent}/"} - {"/", "//", f"{tempfile.gettempdir()}/"}
    places = "|".join(re.escape(one) for one in sorted(ours))
    somewhere = re.compile(rf"(?<![\w.:/])(?:{places}|/(?:home|root|Users)/\w)")
    assert not {name: found[0] for name, text in texts() if (found := somewhere.findall(text))}


def test_no_file_holds_a_name_or_phone_of_the_registration():
    if not REGISTRATION.is_file():
        pytest.skip("the text of the registration is not beside this checkout")
    registration = REGISTRATION.read_text(encoding="utf-8")
    names = re.findall(r"(?m)^([^\n,]+?)(?:, [^\n]*)?\n\nRole: ", registration)
    phones = re.findall(r"(?m)^\+?(?:86)?([\d-]{8,})$", registration)
    assert names
    assert phones
    wanted = {*(name.casefold() for name in names), *(re.sub(r"\D", "", phone) for phone in phones)}
    # Digits are compared without the dashes and spaces that people put between them.
    haystacks = {name: (text.casefold(), re.sub(r"(?<=\d)[ -](?=\d)", "", text)) for name, text in texts()}
    assert not [
        (name, "a name or phone of the registration")
        for name, forms in haystacks.items()
        if any(one in form for one in wanted for form in forms)
    ]

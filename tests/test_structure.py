"""The shape of the code: small functions, small files, few arguments, no import cycle, one meaning for a name."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "cleaner").rglob("*.py"))
LONGEST_FUNCTION, LONGEST_FILE, MOST_ARGUMENTS = 40, 300, 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    inside = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - inside


def is_command(function: Function) -> bool:
    """True for click commands, whose arguments are the options of the command line."""
    return any("command" in ast.unparse(d) or "click." in ast.unparse(d) for d in function.decorator_list)


def test_sizes():
    faults = []
    for path in FILES:
        where = path.relative_to(ROOT).as_posix()
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE:
            faults.append(f"{where}: {lines} lines; split it")
        for one in functions(path):
            if length(one) > LONGEST_FUNCTION:
                faults.append(f"{where}:{one.lineno}: {one.name}: {length(one)} lines")
            given = [a for a in one.args.posonlyargs + one.args.args if a.arg not in ("self", "cls")]
            if len(given) > MOST_ARGUMENTS and not is_command(one):
                faults.append(f"{where}:{one.lineno}: {one.name}: more than {MOST_ARGUMENTS} positional arguments")
    assert faults == []


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, modules: frozenset[str]) -> set[str]:
    """The modules of the project that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: write the import in full"
            found |= {full if (full := f"{node.module}.{a.name}") in modules else str(node.module) for a in node.names}
    return found & modules


def test_no_import_cycle():
    modules = frozenset(map(module_name, FILES))
    graph = {module_name(path): imports(path, modules) for path in FILES}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the cycle
    assert {"cleaner.detectors.run", "cleaner.read", "cleaner.decide.verdicts"} <= graph["cleaner.pipeline"]


def test_nobody_imports_from_the_package_root():
    modules = frozenset(map(module_name, FILES))
    assert [path.name for path in FILES if "cleaner" in imports(path, modules)] == []


#: Public names that two modules may define: the same notion for several kinds of thing.
SAME_NOTION = {
    "RULES",  # the rules of a module
    "main",  # of the package, and of its command line
    "clean",  # a page, and the entry point of each engine for its kind of table
    "templates",  # of the sites in a file, on each engine
    "read_items",  # of each format, and of all by the name of the file
    "extract_page",  # the same
}


def public_names(path: Path) -> set[str]:
    """The public functions, classes and constants that a module defines."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, Function | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in found if not name.startswith("_")}


def test_a_public_name_is_defined_once():
    places: dict[str, list[str]] = {}
    for path in FILES:
        for name in sorted(public_names(path)):
            places.setdefault(name, []).append(module_name(path))
    repeated = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in repeated.items() if name not in SAME_NOTION} == {}
    assert SAME_NOTION - repeated.keys() == set(), "these are defined once: take them out of the lists"

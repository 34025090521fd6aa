"""Write the tables of fields, docs/schema.md, from the JSON Schemas that the package holds: ``make rules``."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "cleaner" / "data" / "schema"

HEAD = """\
# Schemas

Written by `make rules` from the JSON Schemas in `cleaner/data/schema/`; do not edit.

Programs that read what clean-scrape writes can check it against these; they are installed with the package. A field in
**bold** is always there. `[]` is any item of a list, `*` any member of an object.
"""

#: Characters with a meaning in Markdown. Linear: single characters.
MARKDOWN_CHARACTERS = re.compile(r"[\\|*_<\[]")

#: Limits that a schema may set to a value, in words.
LIMITS = {
    "minimum": "from {}",
    "maximum": "up to {}",
    "minLength": "{} characters or more",
    "maxLength": "{} characters at most",
    "minItems": "{} items or more",
    "maxItems": "{} items at most",
    "pattern": "matches `{}`",
    "format": "format {}",
}

Schema = dict[str, Any]


def pages(folder: Path = SCHEMAS) -> Iterator[str]:
    """Yield the page in pieces, one for each file in order of their names."""
    yield HEAD
    for path in sorted(folder.glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        title = schema.get("title", path.stem)
        yield f"\n## {path.name}: {cell(title[:1].lower() + title[1:])}\n"
        yield from part(schema, path.stem)
        for name, of in schema.get("$defs", {}).items():
            yield f"\n### {path.stem}: {name}\n"
            yield from part(of, path.stem)


def part(schema: Schema, file: str) -> Iterator[str]:
    """Yield the description of a value: in words, and as a table of its fields when it has some."""
    if text := schema.get("description", ""):
        yield f"\n{cell(text[:1].upper() + text[1:]).rstrip('.')}.\n"
    rows = [f"| {name} | {of} | {what} |" for name, of, what in fields(schema, file)]
    if rows:
        yield "\n".join(["", "| field | type | what |", "|---|---|---|", *rows, ""])
    else:
        yield f"\nIt is {kind(schema, file)}.\n"


def fields(schema: Schema, file: str) -> Iterator[tuple[str, str, str]]:
    """Yield the fields of an object with types and descriptions, each followed by the fields inside it."""
    todo = [*reversed(members(schema))]
    while todo:
        name, must, value = todo.pop()
        shown = f"**`{name}`**" if must else f"`{name}`"
        yield shown, kind(value, file), cell(value.get("description", ""))
        inside, path = (value["items"], f"{name}[]") if "items" in value else (value, name)
        todo += [(f"{path}.{inner}", *rest) for inner, *rest in reversed(members(inside))]


def members(schema: Schema) -> list[tuple[str, bool, Schema]]:
    """The named fields of an object, whether each is always there, and ``*`` for those of any name."""
    must, others = schema.get("required", []), schema.get("additionalProperties")
    found = [(name, name in must, of) for name, of in schema.get("properties", {}).items()]
    return [*found, ("*", False, others)] if isinstance(others, dict) else found


def kind(schema: Schema, file: str) -> str:
    """The type of a value, with its limits."""
    limits = [words.format(str(schema[key]).replace("|", "\\|")) for key, words in LIMITS.items() if key in schema]
    return ", ".join([_kind(schema, file), *limits])


def _kind(schema: Schema, file: str) -> str:
    if name := schema.get("$ref", "").rpartition("/")[2]:
        return f"[{name}](#{file}-{name})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(kind(one, file) for one in schema[key])
    names = schema.get("type", "any value")
    if names == "array":
        return f"list of {kind(schema['items'], file)}" if "items" in schema else "list"
    return " or ".join([names] if isinstance(names, str) else names)


def cell(text: str) -> str:
    """Escape the text of a schema for Markdown, also for a cell of a table."""
    return MARKDOWN_CHARACTERS.sub(r"\\\g<0>", " ".join(text.split()))


if __name__ == "__main__":
    sys.stdout.write("".join(pages()))

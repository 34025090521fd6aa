"""The ``console`` blocks of the documentation: running them, and writing what they print.

``python -m tests.shown`` (``make docs``) puts today's output into the blocks, for review as a diff. Output that is
abridged with ``...`` is left alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "docs/guide.md", "docs/library.md", "docs/checks.md"]

#: Ends the output of each command.
MARK = "\x1e"


def blocks(page: str, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language, each with the number of the line before it."""
    text = (ROOT / page).read_text("utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(text[: match.start(1)].count("\n"), match[1]) for match in found]


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with the output shown."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    if parts[0] or len(parts) == 1:
        raise ValueError(f"a console block begins with a command: {block[:60]!r}")
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in parts[1:]]


def prepare(folder: Path) -> None:
    """Fill a folder with what the documentation takes for granted."""
    shutil.copytree(ROOT / "examples" / "pages", folder / "examples" / "pages")


def run(lines: list[str], folder: Path) -> list[str]:
    """What commands print, run in one shell; the exit status of each is the next one's ``$?``."""
    script = "".join(f"{line}\n(s=$?; printf '{MARK}'; exit $s)\n" for line in lines)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = os.environ | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "110", "LC_ALL": "C.UTF-8"}
    command = ["bash", "-c", "exec 2>&1\n" + script]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False)
    outputs = done.stdout.split(MARK)[:-1]
    if len(outputs) != len(lines):
        raise RuntimeError(f"the shell ended early:\n{done.stdout}")
    return outputs


def update(page: str) -> None:
    """Write what the commands of a page print today into its blocks."""
    text = (ROOT / page).read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        for _, block in blocks(page, "console"):
            shown = commands(block)
            printed = run([command for command, _ in shown], Path(folder))
            new = "".join(
                f"$ {command}\n{old if '...' in old.split(chr(10)) else output}"
                for (command, old), output in zip(shown, printed, strict=True)
            )
            text = text.replace(f"```console\n{block}```", f"```console\n{new}```", 1)
    (ROOT / page).write_text(text, "utf-8")


if __name__ == "__main__":
    for name in PAGES:
        update(name)

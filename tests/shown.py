"""The ``console`` blocks of the documentation: running them, and writing what they print.

``python -m tests.shown`` (``make docs``) puts today's output into the blocks, for review as a diff. Output that is
abridged with ``...`` is left alone.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import cli
from tests.cli import Ended

ROOT = Path(__file__).parents[1]

#: The pages whose ``console`` blocks and ``>>>`` lines are executed: all that have some.
PAGES = [
    page
    for page in ("README.md", *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")))
    if re.search(r"^(```console$|>>> )", (ROOT / page).read_text("utf-8"), re.MULTILINE)
]


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


def words(line: str) -> list[str] | None:
    """The words of a command that is nothing but a call of ours; None for all that needs a shell."""
    if not line.startswith("clean-scrape ") or re.search(r"[|&;<>$*?`~(){}\\]", line):
        return None
    return shlex.split(line, comments=True)[1:]


def run(lines: list[str], folder: Path) -> list[str]:
    """What commands print, one after the other; the exit status of each is the next one's ``$?``."""
    outputs, status = [], 0
    for line in lines:
        ended = run_line(line, folder, status=status, COLUMNS="110")
        outputs.append(ended.stdout)
        status = ended.returncode
    return outputs


def run_line(line: str, folder: Path, *, status: int = 0, **env: str) -> Ended:
    """Run a command in a folder, and its error output into its output; in this process where it needs no shell."""
    env = {"NO_COLOR": "1", "LC_ALL": "C.UTF-8", **env}
    if (ours := words(line)) is not None:
        return cli.run(*ours, cwd=folder, mixed=True, **env)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n(exit {status})\n{line}"],
        cwd=folder,
        env=kept | {"PATH": path} | env,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, "")


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

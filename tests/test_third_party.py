"""The detector that docs/detectors.md shows, installed as a package of its own, counts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_new_detector import documented_file

ROOT = Path(__file__).parents[1]

PAGE = "The boat left at noon.\nHigh water 14:10, low water 20:25\nHigh water had carried the boat up to the door.\n"

SCRIPT = f"""
from cleaner import clean
cleaned = clean({PAGE!r})
for verdict in cleaned.dropped:
    print(verdict.line.number, verdict.code, verdict.why)
"""


@pytest.fixture
def site(tmp_path) -> Path:
    """A folder as pip would leave it after installing the package."""
    info = tmp_path / "tide_notices-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tide-notices\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(documented_file("entry_points.txt"), "utf-8")
    (tmp_path / "tide_notices.py").write_text(documented_file("tide_notices.py"), "utf-8")
    return tmp_path


def run(site: Path | None, *args: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [ROOT, *([site] if site else [])]))}
    return subprocess.run(
        [sys.executable, *args], env=env, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def test_a_new_detector_is_found_and_its_evidence_counts(site):
    done = run(site, "-c", SCRIPT)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 ZT101 is the tide notice of the day\n"


def test_without_it_the_line_is_not_its_business():
    assert "ZT101" not in run(None, "-c", SCRIPT).stdout


def test_a_detector_that_fails_costs_only_its_own_evidence(site):
    (site / "tide_notices.py").write_text(
        documented_file("tide_notices.py") + "    raise RuntimeError('spring tide')\n", "utf-8"
    )
    done = run(site, "-c", SCRIPT + "print(*[(n.code, n.why) for n in cleaned.notes])")
    assert done.stdout == "('SY101', 'detector tide_notices failed: RuntimeError: spring tide')\n"


def test_a_detector_that_cannot_be_loaded_is_named(site):
    (site / "tide_notices.py").write_text("import a_module_that_is_not_there\n", "utf-8")
    done = run(site, "-c", SCRIPT)
    assert done.returncode == 1
    assert "the detector 'tide_notices' (tide_notices:tide_notices) cannot be loaded" in done.stderr


def test_the_command_line_lists_its_rules(site):
    done = run(site, "-m", "cleaner", "rules")
    assert done.returncode == 0, done.stderr
    assert "ZT101" in done.stdout

"""``python -m cleaner``, and the command ``clean-scrape``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it quietly, too."""
    try:
        from cleaner.cli import main as run  # noqa: PLC0415 (takes long enough for somebody to think better of it)
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()

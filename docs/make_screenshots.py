"""Write the pictures of the report, docs/pictures/*.png: ``make screenshots``. Needs Chromium and playwright."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

#: The page that is pictured, and the beginning of the line whose reason is shown.
PAGE, LINE = "lock.txt", "Related: Barge crews"


def main() -> None:
    """Clean the example pages and picture the report on them."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("there is no Chromium on the PATH; install it: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        out = Path(folder) / "out"
        pages = HERE.parent / "examples" / "pages"
        subprocess.run([sys.executable, "-m", "cleaner", "--quiet", pages, out], check=True)  # noqa: S603
        report = out / "_report"
        found = [json.loads(row) for row in (report / "pages.jsonl").read_text("utf-8").splitlines()]
        number = next(number for number, row in enumerate(found, 1) if row["source"] == PAGE)
        browser = play.chromium.launch(executable_path=chromium, args=SWITCHES)
        tab = browser.new_page(viewport={"width": 1100, "height": 760}, color_scheme="light")
        tab.goto((report / "index.html").as_uri())
        tab.screenshot(path=HERE / "pictures" / "report.png")
        tab.goto((report / "pages" / f"{number:07}.html").as_uri())
        line = tab.locator(".line.gone", has_text=LINE)
        line.scroll_into_view_if_needed()
        tab.mouse.wheel(0, 160)
        line.hover()
        tab.screenshot(path=HERE / "pictures" / "page.png")
        browser.close()


if __name__ == "__main__":
    main()

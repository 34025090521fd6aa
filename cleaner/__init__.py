"""clean-scrape: cleaned bodies from raw scraped pages, with a reason for every line that went."""

from cleaner.configuration import load_settings
from cleaner.errors import CleanScrapeError, SettingsError, TooManyLinesError, UnreadableError
from cleaner.pipeline import RawPage, clean, clean_pages
from cleaner.records import Cleaned, Evidence, Line, Note, Page, Verdict
from cleaner.settings.record import Settings
from cleaner.sites.profile import SiteProfile

__all__ = [
    "CleanScrapeError",
    "Cleaned",
    "Evidence",
    "Line",
    "Note",
    "Page",
    "RawPage",
    "Settings",
    "SettingsError",
    "SiteProfile",
    "TooManyLinesError",
    "UnreadableError",
    "Verdict",
    "clean",
    "clean_pages",
    "load_settings",
]

"""clean-scrape: cleaned bodies from raw scraped pages, with a reason for every line that went."""

from cleaner.errors import CleanScrapeError
from cleaner.pipeline import clean, clean_pages
from cleaner.records import Cleaned, Page
from cleaner.settings.record import Settings
from cleaner.sites.profile import SiteProfile

__all__ = ["CleanScrapeError", "Cleaned", "Page", "Settings", "SiteProfile", "clean", "clean_pages"]

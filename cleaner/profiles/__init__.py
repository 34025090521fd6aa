"""Profiles of sites: what names a site, files of profiles, counting in bounded memory, and finding a site in a file."""

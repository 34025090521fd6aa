"""Sites: what their pages share, what names them, files of profiles, counting, and finding the profile of a page."""

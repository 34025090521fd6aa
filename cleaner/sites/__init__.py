"""Sites: the lines that their pages share, site keys, files of profiles, counting, and finding templates."""

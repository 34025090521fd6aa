"""How Sphinx builds the site from the Markdown of this folder: ``make site``."""

project = "clean-scrape"
html_title = "clean-scrape"
html_show_copyright = html_show_sphinx = html_copy_source = html_show_sourcelink = False

extensions = ["myst_parser"]
#: Every heading can be linked to, by the name that GitHub gives it.
myst_heading_anchors = 4
#: Text stays as it is written: "--option" is no dash.
smartquotes = False
highlight_language = "text"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
pygments_style, pygments_dark_style = "friendly", "github-dark"

"""The findings of a check as records, and a renderer for each format. Renderers return text and write nothing.

They stream: the text for a finding is returned at once, and hardly anything of it is kept in memory.
"""

"""The findings of a check as records, and a renderer for each format. Renderers return text and write nothing.

The text of a finding is returned at once, so that memory hardly grows with the number of findings.
"""

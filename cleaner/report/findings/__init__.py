"""What a check found, as records, and a renderer for each format: text in, text out; nothing is written here.

Renderers stream: what they say of a finding is said when it comes, and they remember next to nothing of it.
"""

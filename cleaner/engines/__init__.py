"""The same counting and cleaning inside other people's engines: tables in, tables out."""

"""The journal of a run, in the folder ``.clean-scrape`` of the output folder.

What it records: for each input its fingerprint, its output with its hash, and where its row, its patch or its record
lie in the files of the report, which grow in the same folder (``state`` holds the entries, ``parts`` the files).

When it is written: ``writer`` appends rows in the order of the inputs. Once a second it makes a checkpoint: rows and
patches are brought to disk, then the entries are committed, then finished bodies get their names.

How a run resumes: ``start`` cuts off what lies behind the last checkpoint, finishes what that recorded, and the run
compares the first inputs with their entries instead of cleaning them again. A later run over the same inputs takes
unchanged pages from the last report in the same way.

What a kill costs: the work since the last checkpoint. An output file is complete or does not exist, since it is written
under a temporary name first. The files of the report get their names at the end of the run, the sums last.
"""

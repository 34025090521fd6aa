"""What whole runs cost: the command line over folders and data files, beside the bare library and beside a peer."""

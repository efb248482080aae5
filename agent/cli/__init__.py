"""The command line: one file per command group. Only here do errors become text and exit codes."""

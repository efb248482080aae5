"""Pure: text in, records out. No clock, no I/O, no await."""

"""`caselog archive`: what is done to the archive as a whole."""

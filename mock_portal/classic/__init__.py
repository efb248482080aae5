"""The server-rendered face: every page is complete without a script."""

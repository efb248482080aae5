"""Queued replies: posted once and proved from the thread, or held for a person."""

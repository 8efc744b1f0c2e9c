"""Reads that need no token."""

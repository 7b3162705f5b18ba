"""Readers: one file format each, all giving an `Article`."""

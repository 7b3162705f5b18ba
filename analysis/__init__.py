"""Counterpoint: stance of news articles against their inline commentary."""

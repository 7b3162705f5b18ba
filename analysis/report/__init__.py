"""The report of one article or of two texts: findings in words, annotated edition, figures.

A `Result`, or what `versions` gives, comes in, pieces of a page go out; imports the rooms above it,
and writes no page itself (that is `runs`).
"""

"""The report of one article: findings in words, annotated edition, figures, sections.

A `Result` comes in, pieces of a page go out; imports `scoring` and the rooms above it, and writes
no page itself (that is `runs`).
"""

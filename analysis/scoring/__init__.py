"""Scores an article toward its targets, and compares author and commentary.

In: an `Article`, its targets and a scorer. Out: a `Result` with the five frames, counts and
explanations. Imports the subpackages from `text` to `gold`, and draws only tables in notebooks.
"""

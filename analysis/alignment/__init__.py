"""Finds the passage that each comment answers.

In: an `Article` and its segments. Out: one `Passage` per comment, with how it was found (anchor,
quotation, similarity or position). Imports `text`, `readers` and `scorers`.
"""

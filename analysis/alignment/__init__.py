"""Finds the passage that each comment answers.

An `Article` and its segments come in, one `Passage` a comment goes out, with how it was found
(anchor, quotation, similarity or position); imports `text`, `readers` and `scorers`.
"""

"""Sentences, voices, targets and loaded language, on spaCy's parse.

In: plain strings and spans. Out: their linguistic annotations. Imports only the basic modules
(`types`, `errors`, `paths`, `params`, `frames`).
"""

"""Compares many scored articles: by target, by outlet, over time.

In: the tables of finished reports. Out: frames, figures and sections of the corpus page. Imports
`report`, `scale` and the subpackages before them.
"""

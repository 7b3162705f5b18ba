"""Compares two versions of one article, or two outlets' stories of one event.

In: two articles and a report's parameters. Out: aligned paragraphs and sentences, a test of what
was left out, and six frames. Imports the subpackages from `text` to `scale`, and draws nothing.
"""

"""Compares two versions of one article, or two outlets' stories of one event.

Two articles and a report's parameters come in; aligned paragraphs and sentences, a test of what was
left out, and six frames go out. Imports every room from `text` to `scale`, and draws nothing.
"""

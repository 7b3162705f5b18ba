"""Safe elements, SVG and whole pages: the only place where text becomes markup.

Untrusted text, numbers and drawings come in, escaped markup goes out; imports `text` and the
rooms above it, and knows nothing of scorers or results.
"""

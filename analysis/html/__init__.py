"""Safe elements, SVG and whole pages: the only place where text becomes markup.

In: untrusted text, numbers and drawings. Out: escaped markup. Imports `text` and the subpackages
before it, and knows nothing of scorers or results.
"""

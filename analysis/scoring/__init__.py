"""An article, its targets and a scorer become a `Result` with the five frames.

Comparison of author and commentary, counts and explanations belong here; imports every room from
`text` to `gold`, and draws nothing but the tables of a notebook.
"""

"""What the notebooks for exploring and labeling call: logic first, thin widgets around it.

In: articles and a person's input. Out: tables, pages and logs of labels. May import every
subpackage but `cli`.
"""

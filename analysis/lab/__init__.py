"""What the notebooks for exploring and labeling call: logic first, thin widgets around it.

Articles and a person's input come in, tables, pages and label logs go out; imports every room
but `cli`.
"""

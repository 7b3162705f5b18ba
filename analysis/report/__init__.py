"""The report of one article or of two texts: findings in words, annotated edition, figures.

In: a `Result`, or a result of `versions`. Out: parts of a page. Imports the subpackages before it,
and writes no page itself (`runs` does).
"""

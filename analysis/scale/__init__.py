"""A corpus of any size, scored partition by partition on Dask.

In: files or tables of articles. Out: Parquet files with the five frames. Imports `scoring` and the
subpackages before it, and leaves scheduling, retries and spilling to disk to Dask.
"""

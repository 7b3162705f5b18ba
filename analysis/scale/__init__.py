"""A corpus of any size, scored partition by partition on Dask.

Files or tables of articles come in, Parquet with the five frames goes out; imports `scoring` and
the rooms above it, and leaves scheduling, retries and spilling to Dask.
"""

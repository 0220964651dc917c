"""Frames to files that people and programs take away: csv, parquet, workbooks to fill in, workbooks with marks."""

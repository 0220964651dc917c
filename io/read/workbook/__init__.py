"""Workbooks of every kind to sheets of text cells; runs in the worker process."""

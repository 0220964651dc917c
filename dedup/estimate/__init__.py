"""Weights from data: pairs as levels in, bits out."""

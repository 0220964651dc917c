"""What each level is told by: keys, comparisons, contradictions, weights. In: table `feature`; out: prepared columns."""

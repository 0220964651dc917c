"""How good scores and weights are, and better ones: pairs and truths in, figures and a configuration out."""

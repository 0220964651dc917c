"""What stewards see and say: groups of a published run in, decisions in the journal out."""

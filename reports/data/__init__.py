"""What the quality report says, as data: figures, lists and repair advice."""

"""Bob: what he knows when he answers, and the brains that produce the answer."""

"""What it costs to run: each hot path beside the least that its work could cost, in one run."""

"""Pure judgement of pipeline, clock and verdict: values in, values out."""

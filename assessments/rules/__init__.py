"""Pure judgement of readiness and rank: values in, values out."""

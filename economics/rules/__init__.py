"""Pure judgement of cost and return: values in, values out."""

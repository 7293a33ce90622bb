"""All conditions, joins, locks and bulk reads of this room."""

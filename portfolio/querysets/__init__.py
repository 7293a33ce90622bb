"""All conditions, joins, locks and annotations of this room, by subject."""

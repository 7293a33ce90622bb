"""What the pages of this room show, shaped for templates: words, rows and links."""

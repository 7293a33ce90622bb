"""What pages show around and inside themselves, shaped for templates and for the status."""

from portfolio.pages.frame import mend_address, mend_words, shell, told_findings

__all__ = ["mend_address", "mend_words", "shell", "told_findings"]

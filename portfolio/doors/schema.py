"""The OpenAPI document: what every address has in common is said once."""

from drf_spectacular.openapi import AutoSchema


class PharosSchema(AutoSchema):
    """Adds to each operation the problems it may answer with, and the headers it understands."""

    def get_tags(self):
        parts = [part for part in self.path.split("/") if part and not part.startswith("{")]
        return [parts[2] if len(parts) > 2 else "pharos"]

"""The OpenAPI document: what every address has in common is said once."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from portfolio.doors.problems import PROBLEM

FIELD_ERROR = {
    "type": "object",
    "required": ["field", "message"],
    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
}
CONDITION = {
    "type": "object",
    "required": ["condition", "holds", "why", "mend"],
    "properties": {
        "condition": {"type": "string"},
        "holds": {"type": "boolean"},
        "why": {"type": "string"},
        "mend": {"type": "string"},
    },
}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": FIELD_ERROR},
        "conditions": {"type": "array", "items": CONDITION},
        "into": {"type": "string", "description": "The use case that a merged one went into."},
        "current": {"type": "object", "description": "The row as it stands now.",
                    "additionalProperties": {}},
    },
}  # fmt: skip

ALWAYS = {
    400: "Wrong shape: an unknown parameter or field, or a value that does not fit.",
    401: "Not signed in.",
    403: "Signed in, but not allowed to do that.",
    404: "Not there, or not yours to see.",
    405: "Not a verb of this address.",
    429: "Asked too often; `Retry-After` says when to go on.",
    503: "It took too long; `Retry-After` says when to go on.",
}
ON_WRITING = {
    409: "A rule refuses; a gate's refusal carries its conditions.",
    412: "Changed since `If-Match`; the row as it stands now is in `current`.",
    413: "The body is too large.",
    415: "Not a type of body that this address reads.",
    422: "This `Idempotency-Key` came with another body before.",
}


class PharosSchema(AutoSchema):
    """Adds to each operation the problems it may answer with, and the headers it understands."""

    def get_tags(self):
        parts = [part for part in self.path.split("/") if part and not part.startswith("{")]
        return [parts[2] if len(parts) > 2 else "pharos"]

    def get_override_parameters(self):
        def header(name, words):
            return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=words)

        parameters = list(super().get_override_parameters())
        if self.method == "GET":
            parameters.append(header("If-None-Match", "The ETag that one has: 304 while it holds."))
        elif self.method in ("PUT", "PATCH", "DELETE"):
            parameters.append(header("If-Match", "The ETag of the row as one saw it."))
        elif self.method == "POST":
            parameters.append(header("Idempotency-Key", "The same key and body: the same answer."))
        if self.method == "GET" and getattr(self.view, "is_list", False):
            words = "A revision or an instant: only what changed since, in that order."
            parameters.append(OpenApiParameter("updated_since", str, description=words))
        return parameters

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        problem = self._problem()
        expected = dict(ALWAYS)
        if self.method == "GET":
            bodies.setdefault("304", {"description": "Nothing changed since `If-None-Match`."})
            expected[409] = "A cursor into a ranking that was replaced."
        else:
            expected |= ON_WRITING
        for status, words in expected.items():
            bodies.setdefault(
                str(status), {"description": words, "content": {PROBLEM: {"schema": problem}}}
            )
        return dict(sorted(bodies.items()))

    def _problem(self) -> dict:
        component = ResolvedComponent(
            name="Problem",
            type=ResolvedComponent.SCHEMA,
            schema=PROBLEM_SCHEMA,
            object="Problem",
        )
        self.registry.register_on_missing(component)
        return component.ref


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "portfolio.doors.asking.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "portfolio.doors.asking.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "cookie", "name": "pharos_session"}

"""The people of the sample: who they are, what they may, how they sign in."""

from dataclasses import dataclass

KEY = "LARK"
NAME = "Larkmoor Freight"
CURRENCY = "USD"
TIME_ZONE = "America/New_York"
PASSWORD = "harbour-light-16"  # everybody's, and printed at the start: the sample holds no secret


@dataclass(frozen=True)
class Person:
    slug: str
    name: str
    role: str
    what: str

    @property
    def email(self) -> str:
        return f"{self.slug}@larkmoor.example"


PEOPLE = (
    Person("dana", "Dana Whitlock", "sponsor", "CTO: chooses, overrides, declares"),
    Person("marcus", "Marcus Bell", "contributor", "owns the lighthouse that does well"),
    Person("ines", "Inês Carvalho", "contributor", "owns the lighthouse in trouble"),
    Person("priya", "Priya Raman", "contributor", "customer care; is asked to own one"),
    Person("tomas", "Tomás Herrera", "contributor", "data: rates, confirms sources"),
    Person("june", "June Okafor", "contributor", "legal: raises what stands against it"),
    Person("will", "Will Sandoval", "contributor", "customs; owned the victory"),
    Person("mei", "Mei Tanaka", "contributor", "finance: unit economics"),
    Person("sofia", "Sofia Lindqvist", "contributor", "sales"),
    Person("greta", "Greta Holm", "viewer", "on the board: reads"),
)
SHOWN = ("dana", "marcus", "priya", "greta")  # one for each way of seeing it

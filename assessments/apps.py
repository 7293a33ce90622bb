from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments import gates
        from assessments.openings import lay_down_criteria
        from portfolio.openings import at_opening

        at_opening(lay_down_criteria)
        gates.register_all()

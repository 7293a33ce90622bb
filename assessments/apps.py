from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments import closing, gates, round_pages
        from assessments.openings import lay_down_criteria
        from portfolio import duties, sweeping
        from portfolio.openings import at_opening

        at_opening(lay_down_criteria)
        gates.register_all()
        sweeping.swept_with(closing.waiting)
        duties.gathered_by(round_pages.duties)

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments import duties, gates, reminding
        from assessments.openings import lay_down_criteria
        from portfolio.duties import gathered_by
        from portfolio.openings import at_opening
        from portfolio.sweeping import swept_with

        at_opening(lay_down_criteria)
        gates.register_all()
        gathered_by(duties.asked_for)
        swept_with(reminding.waiting)

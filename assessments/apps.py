from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments import (
            changing,
            closing,
            duties,
            gates,
            merging,
            origins,
            reminding,
            weighing,
        )
        from assessments.openings import lay_down_criteria
        from assessments.pages import rounds
        from portfolio.duties import gathered_by
        from portfolio.hindering import hindered_by
        from portfolio.openings import at_opening
        from portfolio.origins import told_by
        from portfolio.sweeping import swept_with

        at_opening(lay_down_criteria)
        gates.register_all()
        gathered_by(rounds.duties)
        gathered_by(duties.asked_for)
        gathered_by(duties.fresh_looks)
        told_by(origins.names, origins.tell)
        swept_with(closing.waiting)
        swept_with(reminding.waiting)
        hindered_by(weighing.hindrance)
        merging.merge_all()
        changing.register_all()

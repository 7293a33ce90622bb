from django.apps import AppConfig


class EconomicsConfig(AppConfig):
    name = "economics"

    def ready(self) -> None:
        from economics import duties, merging
        from portfolio.duties import gathered_by

        gathered_by(duties.fresh_looks)
        merging.merge_all()

from django.apps import AppConfig


class EconomicsConfig(AppConfig):
    name = "economics"

    def ready(self) -> None:
        from economics import duties, merging, origins
        from portfolio.duties import gathered_by
        from portfolio.origins import told_by

        gathered_by(duties.fresh_looks)
        told_by(origins.names, origins.tell)
        merging.merge_all()

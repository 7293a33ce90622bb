from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from portfolio import (
            delivery_origins,
            gates,
            likening,
            merging,
            origins,
            sweeping,
        )  # they read the models: not there before

        gates.register_own()
        merging.merge_own()
        sweeping.swept_with(likening.waiting)
        origins.told_by(delivery_origins.names, delivery_origins.tell)

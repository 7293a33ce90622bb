from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from portfolio import (
            gates,
            likening,
            merging,
            sweeping,
        )  # they read the models: not there before

        gates.register_own()
        merging.merge_own()
        sweeping.swept_with(likening.waiting)

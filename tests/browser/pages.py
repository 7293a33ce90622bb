"""Every page with an address of the sample that shows something on it, and who looks."""

from dataclasses import dataclass
from typing import Any

from tests.browser.world import KEY

PORTFOLIO = f"/portfolios/{KEY}/"
SETTINGS = f"{PORTFOLIO}settings/"
ANYBODY = ""


@dataclass(frozen=True)
class Seen:
    """A page: the view's name, its address, and the person who sees most on it."""

    view: str
    address: str
    who: str = "dana"

    @property
    def name(self) -> str:
        return self.address.strip("/").replace("/", "-").replace("?", "-") or "work"


def every_page(found: dict[str, str]) -> list[Seen]:
    """What a browser can open. `found` is a reference for each stage, the ids of an import and a
    scenario."""

    def tab(stage: str, name: str = "") -> str:
        return f"/use-cases/{found[stage]}/{name}"

    one_import = f"{SETTINGS}imports/{found['import']}/"
    return [
        Seen("account_login", "/account/sign-in/", ANYBODY),
        Seen("account_reset_password", "/account/password/reset/", ANYBODY),
        Seen("account_reset_password_done", "/account/password/reset/done/", ANYBODY),
        Seen("account_signup", "/account/sign-up/", ANYBODY),
        Seen("account_logout", "/account/sign-out/"),
        Seen("account_change_password", "/account/password/change/"),
        Seen("portfolio:work", "/"),
        Seen("portfolio:work", "/", "priya"),
        Seen("portfolio:search", "/search/"),
        Seen("portfolio:search", "/search/?q=quote"),
        Seen("portfolio:open_portfolio", "/portfolios/new/"),
        Seen("portfolio:overview", PORTFOLIO),
        Seen("assessments:ranking", f"{PORTFOLIO}ranking/"),
        Seen("assessments:ranking", f"{PORTFOLIO}ranking/?open=filter&sort=-score&stage=proposed"),
        Seen("portfolio:saved_views", f"{PORTFOLIO}ranking/views/?sort=-score"),
        Seen("portfolio:new_bulk_change", f"{PORTFOLIO}bulk-changes/new/?all=1"),
        Seen("portfolio:bulk_changes", f"{PORTFOLIO}bulk-changes/"),
        Seen("assessments:what_if", f"{PORTFOLIO}ranking/what-if/?w.headroom=5"),
        Seen("assessments:save_weights", f"{PORTFOLIO}ranking/what-if/weights/?w.headroom=5"),
        Seen("assessments:compare_candidates", f"{PORTFOLIO}ranking/compare/"),
        Seen(
            "assessments:compare_candidates",
            f"{PORTFOLIO}ranking/compare/?of={found['proposed']}&of={found['qualified']}",
        ),
        Seen("assessments:scenarios", f"{PORTFOLIO}ranking/scenarios/"),
        Seen("assessments:scenario", f"{PORTFOLIO}ranking/scenarios/{found['scenario']}/"),
        Seen("assessments:new_scenario", f"{PORTFOLIO}ranking/scenarios/new/?w.headroom=5"),
        Seen(
            "assessments:edit_scenario", f"{PORTFOLIO}ranking/scenarios/{found['scenario']}/edit/"
        ),
        Seen("assessments:compare_scenarios", f"{PORTFOLIO}ranking/scenarios/compare/"),
        Seen("assessments:ranking_history", f"{PORTFOLIO}ranking/history/"),
        Seen("portfolio:duplicates", f"{PORTFOLIO}duplicates/"),
        Seen(
            "portfolio:merge_use_case",
            tab("proposed", f"merge/?into={found['qualified']}"),
        ),
        Seen("portfolio:bulk_change", f"{PORTFOLIO}bulk-changes/{found['bulk_change']}/"),
        Seen("portfolio:board", f"{PORTFOLIO}board/"),
        Seen("portfolio:activity", f"{PORTFOLIO}activity/"),
        Seen("portfolio:settings", SETTINGS),
        Seen("portfolio:settings", SETTINGS, "greta"),
        Seen("portfolio:members", f"{SETTINGS}members/"),
        Seen("portfolio:tokens", f"{SETTINGS}tokens/"),
        Seen("assessments:criteria", f"{SETTINGS}criteria/"),
        Seen("assessments:new_criterion", f"{SETTINGS}criteria/new/"),
        Seen("assessments:criterion", f"{SETTINGS}criteria/of/headroom/"),
        Seen("assessments:rating_of", f"{PORTFOLIO}rating/headroom/", "tomas"),
        Seen("assessments:rating_of", f"{PORTFOLIO}rating/headroom/", "greta"),
        Seen("assessments:requests", tab("proposed", "requests/")),
        Seen("assessments:calibration", f"{PORTFOLIO}calibration/"),
        Seen("assessments:calibration_of", f"{PORTFOLIO}calibration/{found['guesser']}/"),
        Seen("assessments:rounds", f"{PORTFOLIO}rounds/"),
        Seen("assessments:new_round", f"{PORTFOLIO}rounds/new/"),
        Seen("assessments:round", f"{PORTFOLIO}rounds/{found['round']}/"),
        Seen("portfolio:imports", f"{SETTINGS}imports/"),
        Seen("portfolio:import_page", one_import),
        Seen("portfolio:import_columns", f"{one_import}columns/"),
        Seen("portfolio:import_stages", f"{one_import}stages/"),
        Seen("portfolio:new_use_case", f"{PORTFOLIO}use-cases/new/"),
        Seen("portfolio:use_case", tab("proposed")),
        Seen("portfolio:use_case", tab("building")),
        Seen("portfolio:use_case", tab("decided"), "greta"),
        Seen("portfolio:edit_use_case", tab("proposed", "edit/")),
        Seen("portfolio:split_use_case", tab("wide", "split/")),
        Seen("portfolio:move", tab("qualified", "move/")),
        Seen("portfolio:move", tab("qualified", "move/?to=parked")),
        Seen("portfolio:retire_use_case", tab("decided", "retirement/")),
        Seen("portfolio:discussion", tab("qualified", "discussion/")),
        Seen("portfolio:numbers", tab("qualified", "numbers/")),
        Seen("portfolio:numbers", tab("live", "numbers/"), "greta"),
        Seen("portfolio:number", tab("qualified", "numbers/feasibility/")),
        Seen("portfolio:number", tab("qualified", "numbers/criterion.data_readiness/"), "greta"),
        Seen("portfolio:history", tab("building", "history/")),
        Seen("assessments:tests", tab("proposed", "tests/")),
        Seen("assessments:tests", tab("building", "tests/"), "greta"),
        Seen("assessments:ratings", tab("qualified", "ratings/"), "tomas"),
        Seen("assessments:ratings", tab("qualified", "ratings/"), "greta"),
        Seen("economics:economics", tab("qualified", "economics/")),
        Seen("economics:economics", tab("qualified", "economics/"), "greta"),
        Seen("economics:models", "/models/"),
        Seen("portfolio:lighthouse", tab("proposed", "lighthouse/")),
        Seen("portfolio:lighthouse", tab("qualified", "lighthouse/")),
        Seen("portfolio:lighthouse", tab("mobilising", "lighthouse/")),
        Seen("portfolio:lighthouse", tab("building", "lighthouse/")),
        Seen("portfolio:lighthouse", tab("live", "lighthouse/")),
        Seen("portfolio:lighthouse", tab("decided", "lighthouse/")),
        Seen("refused", "/portfolios/NOWHERE/"),
    ]


def find_them(ask: Any) -> dict[str, str]:
    """A reference of the sample for each stage, and one that is a platform play."""
    found: dict[str, str] = {}
    rows = ask("GET", f"use-cases/?portfolio={KEY}&page_size=200")["results"]
    for row in rows:
        found.setdefault(row["stage"], row["reference"])
        if len(row["jobs"]) > 1 or len(row["segments"]) > 1:
            found.setdefault("wide", row["reference"])
    people = ask("GET", f"portfolios/{KEY}/calibration/")["people"]
    found["guesser"] = next(one["id"] for one in people if one["ranges"]["n"] >= 5)
    found["round"] = ask("GET", f"portfolios/{KEY}/rounds/")["results"][0]["id"]
    return found

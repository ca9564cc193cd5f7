"""The registry's statistics against R's, on three cohorts that are made up for it.

R with its package survival computes from the same values, in a process of its own. Without R there
is nothing to compare with, and the figures say so; fixed numbers of R's stand in the tests anyway.
"""

import csv
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, print_as_json
from mmn_registry.demo_data.living import write_living_cohort
from outcomes.derivation.cohort import TreatmentHistory
from outcomes.derivation.cohort_rows import cohort_rows
from outcomes.derivation.curves import times_to_relapse, times_to_remission
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from outcomes.derivation.inference import binomial_p, clopper_pearson, fisher, mann_whitney
from outcomes.derivation.predictors import LEVELS, NUMBERS, predictor_values
from outcomes.derivation.rates import poisson_interval
from outcomes.derivation.survival import cumulative_incidence, kaplan_meier, log_rank

P_VALUES, CURVES, DIFFERENCES = 1e-9, 1e-6, 1e-12
# A centre and a day make a cohort of their own.
COHORTS = (("NORD", date(2026, 11, 20)), ("OST", date(2024, 6, 1)), ("SUED", date(2019, 3, 31)))
HISTORIES = tuple(history.value for history in TreatmentHistory)
LONGEST_SECONDS = 300
RSCRIPT = shutil.which("Rscript")

R = r"""
library(survival)
folder <- commandArgs(TRUE)[1]
values <- read.csv(file.path(folder, "values.csv"))
times <- read.csv(file.path(folder, "times.csv"))
counts <- read.csv(file.path(folder, "counts.csv"))
out <- file(file.path(folder, "r.csv"), "w")
say <- function(...) cat(paste(..., sep = ","), "\n", sep = "", file = out)
num <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
for (i in seq_len(nrow(counts))) {
  k <- counts$k[i]; n <- counts$n[i]
  test <- binom.test(k, n, 0.2)
  say(paste0("binom p ", i), num(test$p.value))
  say(paste0("binom low ", i), num(test$conf.int[1]))
  say(paste0("binom high ", i), num(test$conf.int[2]))
  rate <- poisson.test(k)
  say(paste0("poisson low ", i), num(rate$conf.int[1]))
  say(paste0("poisson high ", i), num(rate$conf.int[2]))
}
for (name in setdiff(names(values), "responder")) {
  known <- !is.na(values[[name]])
  x <- values[[name]][known]; y <- values$responder[known]
  if (name %in% c("sex", "atrophy", "anti_gm1_igm", "reflexes_lost")) {
    if (length(unique(x)) == 2 && length(unique(y)) == 2)
      say(paste("fisher p", name), num(fisher.test(table(x, y))$p.value))
  } else {
    a <- x[y == 1]; b <- x[y == 0]
    if (length(a) && length(b) && length(unique(c(a, b))) > 1) {
      exact <- max(length(a), length(b)) <= 25 && !anyDuplicated(c(a, b))
      test <- wilcox.test(a, b, exact = exact, correct = TRUE)
      say(paste("wilcox p", name), num(test$p.value))
    }
  }
}
for (event in unique(times$which)) {
  own <- times[times$which == event, ]
  fit <- summary(survfit(Surv(days, event) ~ 1, data = own, conf.type = "log-log"), censored = TRUE)
  for (i in seq_along(fit$time)) {
    say(paste("km", event, i), num(fit$surv[i]))
    say(paste("km low", event, i), num(fit$lower[i]))
    say(paste("km high", event, i), num(fit$upper[i]))
  }
  kind <- factor(ifelse(own$event == 1, 1, ifelse(own$died == 1, 2, 0)), 0:2)
  aj <- summary(survfit(Surv(until, kind) ~ 1, data = cbind(own, kind)), censored = TRUE)
  for (i in seq_along(aj$time)) say(paste("aj", event, i), num(aj$pstate[i, 2]))
  for (by in c("history", "centre", "sex")) {
    if (length(unique(own[[by]])) > 1 && sum(own$event) > 0) {
      test <- survdiff(as.formula(paste("Surv(days, event) ~", by)), data = own)
      df <- sum(test$exp > 0) - 1
      if (df > 0)
        say(paste("log-rank p", event, by), num(pchisq(test$chisq, df, lower.tail = FALSE)))
    }
  }
}
close(out)
"""


def three_cohorts() -> Iterator[Figure]:
    """How far the registry's numbers are from R's, at most."""
    if RSCRIPT is None:
        yield Figure("statistics against R", None, "", note="there is no Rscript on this machine")
        return
    apart: dict[str, list[float]] = {"p-values": [], "curves and exact intervals": []}
    pairs = []
    for centre, day in COHORTS:
        with tempfile.TemporaryDirectory() as folder:
            ours, differences = _ours(Path(folder), centre, day)
            theirs = _theirs(Path(folder))
        pairs += differences
        for name, value in theirs.items():
            kind = "p-values" if " p " in f"{name} " else "curves and exact intervals"
            apart[kind].append(_distance(ours[name], value))
    limits = {"p-values": P_VALUES, "curves and exact intervals": CURVES}
    for kind, found in apart.items():
        note = f"{len(found)} numbers of {len(COHORTS)} cohorts"
        yield Figure(f"{kind}: furthest from R", max(found), "", limit=limits[kind], note=note)
    yield Figure(
        *("Hodges-Lehmann: furthest from the median of all pairwise differences", max(pairs), ""),
        limit=DIFFERENCES,
        note=f"{len(pairs)} comparisons",
    )


def _distance(ours: float, theirs: float) -> float:
    """Where R has none, there must be none here."""
    if np.isnan(ours) or np.isnan(theirs):
        return 0.0 if np.isnan(ours) and np.isnan(theirs) else float("inf")
    return abs(ours - theirs)


def _ours(folder: Path, centre: str, day: date) -> tuple[dict[str, float], list[float]]:
    write_living_cohort(folder, centre=centre, today=day)
    records = read_bundle(folder)
    outcomes = derive(records, day)
    values, rows = predictor_values(records, outcomes), cohort_rows(records, outcomes)
    # Halves of a cohort are two centres, so that there is something to compare.
    rows["centre"] = np.where(np.arange(len(rows)) % 2, "even", "odd")
    counts = [(int(k), int(n)) for k, n in _counts(values)]
    _write(folder, values, _times(rows), counts)
    found = _proportions(counts) | _predictors(values) | _survival(_times(rows))
    return found, _pairwise(values)


def _counts(values: pd.DataFrame) -> list[tuple[int, int]]:
    """Responders of the evaluable, and of every level."""
    responder = values["responder"]
    counts = [(responder.sum(), len(responder))]
    for name in LEVELS:
        known = values[name].notna()
        has = values.loc[known, name].astype(bool)
        counts += [(responder[known][has == level].sum(), (has == level).sum()) for level in (1, 0)]
    return [(k, n) for k, n in counts if n]


def _times(rows: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for which, times_of in (("remission", times_to_remission), ("relapse", times_to_relapse)):
        times = times_of(rows, HISTORIES)
        died = times["death_days"].notna() & ~times["event"]
        own = rows.loc[times.index]
        parts.append(
            pd.DataFrame(
                {
                    "which": which,
                    "days": times["days"],
                    "event": times["event"].astype(int),
                    "until": times["days"].mask(died, times["death_days"]),
                    "died": died.astype(int),
                    "history": own["treatment_history"],
                    "centre": own["centre"],
                    "sex": own["sex"],
                }
            )
        )
    return pd.concat(parts)


def _write(
    folder: Path, values: pd.DataFrame, times: pd.DataFrame, counts: list[tuple[int, int]]
) -> None:
    plain = values.astype("float64")
    plain.to_csv(folder / "values.csv", index=False, float_format="%.17g")
    times.to_csv(folder / "times.csv", index=False, float_format="%.17g")
    pd.DataFrame(counts, columns=["k", "n"]).to_csv(folder / "counts.csv", index=False)


def _theirs(folder: Path) -> dict[str, float]:
    script = folder / "compare.R"
    script.write_text(R)
    subprocess.run(
        [str(RSCRIPT), "--vanilla", str(script), str(folder)],
        check=True,
        capture_output=True,
        timeout=LONGEST_SECONDS,
    )
    with (folder / "r.csv").open(newline="") as file:
        return {name: float(value or "nan") for name, value in csv.reader(file)}


def _proportions(counts: list[tuple[int, int]]) -> dict[str, float]:
    found = {}
    for number, (k, n) in enumerate(counts, start=1):
        exact, rate = clopper_pearson(k, n), poisson_interval(k)
        found |= {
            f"binom p {number}": binomial_p(k, n, 0.2),
            f"binom low {number}": exact.low,
            f"binom high {number}": exact.high,
            f"poisson low {number}": rate.low,
            f"poisson high {number}": rate.high,
        }
    return {name: _number(value) for name, value in found.items()}


def _predictors(values: pd.DataFrame) -> dict[str, float]:
    found: dict[str, float | None] = {}
    for name in LEVELS:
        known = values[values[name].notna()]
        has, responder = known[name].astype(bool), known["responder"]
        with_, without = responder[has], responder[~has]
        table = int(with_.sum()), len(with_), int(without.sum()), len(without)
        found[f"fisher p {name}"] = fisher(*table).p_value
    for name in NUMBERS:
        found[f"wilcox p {name}"] = mann_whitney(*_groups(values, name)).p_value
    return {name: _number(value) for name, value in found.items()}


def _groups(values: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    known = values[values[name].notna()]
    of = known[name].to_numpy(float), known["responder"].to_numpy(bool)
    return of[0][of[1]], of[0][~of[1]]


def _pairwise(values: pd.DataFrame) -> list[float]:
    apart = []
    for name in NUMBERS:
        first, second = _groups(values, name)
        if len(first) and len(second):
            median = float(np.median(np.subtract.outer(first, second)))
            apart.append(abs(_number(mann_whitney(first, second).difference) - median))
    return apart


def _survival(times: pd.DataFrame) -> dict[str, float]:
    found: dict[str, float | None] = {}
    for which, own in times.groupby("which"):
        event, died = own["event"] == 1, own["died"] == 1
        curve = kaplan_meier(own["days"], event)
        for number, row in enumerate(curve.itertuples(), start=1):
            found[f"km {which} {number}"] = row.survival
            found[f"km low {which} {number}"] = row.ci_low
            found[f"km high {which} {number}"] = row.ci_high
        incidence = cumulative_incidence(own["until"], event, died)["incidence"]
        found |= {f"aj {which} {n}": value for n, value in enumerate(incidence, start=1)}
        for by in ("history", "centre", "sex"):
            found[f"log-rank p {which} {by}"] = log_rank(own["days"], event, own[by]).p_value
    return {name: _number(value) for name, value in found.items()}


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


DRILLS: tuple[Callable[[], Iterator[Figure]], ...] = (three_cohorts,)

if __name__ == "__main__":
    print_as_json(*DRILLS)

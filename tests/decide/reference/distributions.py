"""Means, standard deviations and quantiles of the distributions that hana.decide draws from, by scipy.
Writes distributions.json beside itself."""
import json
import pathlib

import scipy
from scipy import stats


def pert(low, mode, high):
    width = high - low
    return stats.beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, loc=low, scale=width)


CASES = [
    ("uniform", [2, 5], stats.uniform(2, 3)),
    ("log_uniform", [0.01, 10], stats.loguniform(0.01, 10)),
    ("normal", [3, 2], stats.norm(3, 2)),
    ("log_normal", [1, 0.5], stats.lognorm(0.5, scale=2.718281828459045)),
    ("triangular", [1, 2, 6], stats.triang(0.2, loc=1, scale=5)),
    ("pert", [0.002, 0.01, 0.03], pert(0.002, 0.01, 0.03)),
    ("beta", [62, 38], stats.beta(62, 38)),
    ("beta", [0.5, 4.5], stats.beta(0.5, 4.5)),
    ("gamma", [2.5, 3], stats.gamma(2.5, scale=3)),
]

out = {"scipy": scipy.__version__, "cases": []}
for kind, parameters, dist in CASES:
    out["cases"].append({
        "kind": kind, "parameters": parameters, "mean": dist.mean(), "sd": dist.std(),
        "q05": dist.ppf(0.05), "q95": dist.ppf(0.95),
    })
path = pathlib.Path(__file__).with_name("distributions.json")
path.write_text(json.dumps(out, indent=1) + "\n")

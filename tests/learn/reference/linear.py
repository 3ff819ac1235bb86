"""Golden values of ridge: scikit-learn's Ridge(solver="svd"), and of linear_regression with weights:
statsmodels' GLM with frequency weights. Writes linear.json."""
import json

import numpy as np
import statsmodels.api as sm
from sklearn.linear_model import Ridge

rng = np.random.RandomState(7)


def columns(x):
    return {f"x{j + 1}": list(x[:, j]) for j in range(x.shape[1])}


cases, data = [], {}
for name, n, p, scale in (("tall", 60, 5, 1), ("wide", 12, 30, 1), ("offset", 40, 3, 1000)):
    x = np.round(rng.randn(n, p) * np.exp(rng.randn(p)) + scale * rng.randn(p), 3)
    y = np.round(x @ rng.randn(p) + rng.randn(n), 3)
    w = rng.randint(1, 4, n).astype(float)
    for penalty in (0.01, 1.0, 100.0):
        for intercept in (True, False):
            m = Ridge(alpha=penalty, fit_intercept=intercept, solver="svd").fit(x, y, sample_weight=w)
            cases.append({
                "name": f"{name}, lambda {penalty}, intercept {intercept}", "data": name,
                "lambda": penalty, "intercept": intercept,
                "coef": list(m.coef_), "at_zero": float(m.intercept_),
            })
    data[name] = {"x": columns(x), "y": list(y), "w": list(w)}

tall = data["tall"]
x = np.column_stack([tall["x"][c] for c in tall["x"]])
fit = sm.GLM(np.array(tall["y"]), sm.add_constant(x), freq_weights=np.array(tall["w"])).fit()
out = {
    "data": data,
    "ridge": cases,
    "linear_regression": {"estimate": list(fit.params), "std_error": list(fit.bse)},
}
json.dump(out, open("linear.json", "w"))

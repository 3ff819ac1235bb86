"""Golden values of logistic_regression: scikit-learn's LogisticRegression (newton-cg to 1e-14) with a penalty,
statsmodels' GLM and MNLogit without. Writes logistic.json."""
import json

import numpy as np
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

rng = np.random.RandomState(3)
n, p = 90, 4
x = np.round(rng.randn(n, p) * [1, 10, 0.1, 1] + [0, 50, 0, -3], 3)
score = (x - x.mean(0)) / x.std(0) @ np.array([[1.0, -1, 0.5], [0, 1, -1], [0.5, 0.5, 0], [0, 0, 0.3]])
three = (score + rng.gumbel(size=(n, 3))).argmax(1)
two = (three == 0).astype(int)
w = rng.randint(1, 4, n).astype(float)
soft = rng.dirichlet([1, 1, 1], n)


def penalized(y, weights, penalty, intercept, features=x):
    m = LogisticRegression(C=1 / penalty, fit_intercept=intercept, tol=1e-14, max_iter=10000, solver="newton-cg")
    m.fit(features, y, sample_weight=weights)
    return {"lambda": penalty, "intercept": intercept, "coef": m.coef_.tolist(), "at_zero": list(np.ravel(m.intercept_) if intercept else [0.0] * len(m.coef_)),
            "proba": m.predict_proba(features[:10]).tolist()}


cases = [dict(penalized(y, w, penalty, i), target=t)
         for t, y in (("two", two), ("three", three)) for penalty in (0.1, 1.0, 10.0) for i in (True, False)]
# Class probabilities are three weighted rows each.
rep = LogisticRegression(C=1, tol=1e-14, max_iter=10000, solver="newton-cg").fit(
    np.repeat(x, 3, axis=0), np.tile([0, 1, 2], n), sample_weight=(w[:, None] * soft).ravel())

with_constant = sm.add_constant(x)
binary = sm.GLM(two, with_constant, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-14)
multi = sm.MNLogit(three, with_constant).fit(tol=1e-14, maxiter=200, disp=0)
estimate = np.column_stack([np.zeros(p + 1), multi.params])
contrast = np.column_stack([np.zeros(3), np.eye(3)[:, 1:]]) - np.array([0, 1, 1]) / 3  # to a sum of zero over the classes
cov = np.asarray(multi.cov_params()).reshape(2, p + 1, 2, p + 1)
errors = [[float(np.sqrt(contrast[k, 1:] @ cov[:, j, :, j] @ contrast[k, 1:])) for j in range(p + 1)] for k in range(3)]
json.dump({
    "x": {f"x{j + 1}": list(x[:, j]) for j in range(p)}, "w": list(w), "soft": soft.tolist(),
    "two": [str(v) for v in two], "three": [str(v) for v in three], "penalized": cases,
    "from_soft": {"coef": rep.coef_.tolist(), "at_zero": list(rep.intercept_)},
    "binary": {"estimate": list(binary.params), "std_error": list(binary.bse)},
    "multinomial": {"estimate": (estimate - estimate.mean(1, keepdims=True)).T.tolist(), "std_error": errors},
}, open("logistic.json", "w"))

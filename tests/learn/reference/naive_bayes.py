"""Golden values of naive_bayes: scikit-learn's GaussianNB, MultinomialNB, BernoulliNB and CategoricalNB.
Writes naive_bayes.json."""
import json

import numpy as np
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB, MultinomialNB

rng = np.random.RandomState(11)
n = 60
y = rng.randint(0, 3, n)
w = rng.randint(1, 4, n).astype(float)
numbers = np.round(rng.randn(n, 3) * [1, 5, 0.1] + y[:, None], 3)
counts = rng.poisson(2 + y[:, None] * [0.5, 1, 0, 2], (n, 4)).astype(float)
codes = (rng.randint(0, 3, (n, 2)) + (rng.rand(n, 2) < 0.5) * y[:, None]) % 4
codes[:4] = [[0, 0], [1, 1], [2, 2], [3, 3]]


def proba(model, x, weights):
    return model.fit(x, y, sample_weight=weights).predict_proba(x).tolist()


json.dump({
    "y": [str(v) for v in y], "w": list(w),
    "numbers": numbers.tolist(), "counts": counts.tolist(), "codes": codes.tolist(),
    "gaussian": proba(GaussianNB(), numbers, None),
    "multinomial": proba(MultinomialNB(alpha=0.5), counts, w),
    "bernoulli": proba(BernoulliNB(alpha=0.5), counts > 1, w),
    "categorical": proba(CategoricalNB(alpha=2, min_categories=4), codes, w),
}, open("naive_bayes.json", "w"))

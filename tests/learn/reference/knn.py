"""Golden values of knn: scikit-learn's KNeighborsClassifier and KNeighborsRegressor on data without ties in
distance, in few columns and in many. Writes knn.json."""
import json

import numpy as np
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

rng = np.random.RandomState(2)
cases = []
for n, p in ((700, 3), (60, 12)):
    x, q = np.round(rng.randn(n, p), 4), np.round(rng.randn(15, p), 4)
    y = np.round(x[:, 0] ** 2 + rng.randn(n), 3)
    k = (y > 1).astype(int) + (y > 2)
    for weights in ("uniform", "distance"):
        for neighbors in (1, 7):
            r = KNeighborsRegressor(neighbors, weights=weights).fit(x, y)
            c = KNeighborsClassifier(neighbors, weights=weights).fit(x, k)
            cases.append({"data": len(cases) // 4 + 1, "weights": weights, "neighbors": neighbors,
                          "predict": r.predict(q).tolist(), "proba": c.predict_proba(q).tolist()})
    cases[-4]["x"], cases[-4]["q"] = x.tolist(), q.tolist()
    cases[-4]["y"], cases[-4]["k"] = y.tolist(), [str(v) for v in k]
json.dump({"cases": cases}, open("knn.json", "w"))

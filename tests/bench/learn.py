"""Learners of hana and of scikit-learn on the same file, interleaved in one run, on one thread each:
python tests/bench/learn.py build/hana. Prints seconds (the best of five) and the ratio of scikit-learn
to hana: above 1 hana is faster; under 1.3 either way is a tie."""
import os
import subprocess
import sys
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

rng = np.random.RandomState(0)
rows, columns = 50000, 20
x = rng.randn(rows, columns)
y = x[:, 0] * x[:, 1] + x[:, 2] + rng.randn(rows)
data = pd.DataFrame(x, columns=[f"x{j}" for j in range(columns)])
data["y"], data["k"] = y, np.where(y > 1, "high", np.where(y < -1, "low", "middle"))
peers = [("ridge", "y", Ridge()), ("decision_tree", "y", DecisionTreeRegressor()),
         ("decision_tree", "k", DecisionTreeClassifier()),
         ("logistic_regression", "k", LogisticRegression(tol=1e-6, max_iter=1000)),
         ("naive_bayes", "k", GaussianNB()), ("knn", "k", KNeighborsClassifier())]

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "data.csv")
    data.to_csv(path, index=False)
    data = pd.read_csv(path)
    features = data[[f"x{j}" for j in range(columns)]].to_numpy()
    print(f"{'':24}{'':10}{'hana':>10}{'sklearn':>10}{'ratio':>8}")
    for name, target, peer in peers:
        times = []
        for _ in range(5):
            out = subprocess.run([sys.argv[1], "tests/bench/learn.lua", path, name, target, "yk".replace(target, "")],
                                 capture_output=True, text=True, check=True).stdout.split()
            a = time.perf_counter()
            peer.fit(features, data[target])
            b = time.perf_counter()
            peer.predict(features[:2000])
            times.append([float(out[0]), float(out[1]), b - a, time.perf_counter() - b])
        best = np.min(times, axis=0)
        for what, i in (("fit", 0), ("predict", 1)):
            print(f"{name + ' ' + target:24}{what:10}{best[i]:10.4f}{best[i + 2]:10.4f}{best[i + 2] / best[i]:8.1f}")

"""Golden values of decision_tree: scikit-learn's trees on data whose best splits are unique (the same for
twenty seeds), and its cross-validated scores on data of examples/data. Writes decision_tree.json."""
import json

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

rng = np.random.RandomState(5)
n = 150
x = np.round(rng.randn(n, 4), 3)
w = rng.randint(1, 4, n).astype(float)
y = np.round(np.where(x[:, 0] > 0.2, 3 * x[:, 1], -x[:, 2]) + 0.3 * rng.randn(n), 3)
k = np.digitize(y + 0.3 * rng.randn(n), [-0.7, 0.7])
names = {"max_depth": "max_depth", "max_leaves": "max_leaf_nodes", "min_leaf": "min_weight_fraction_leaf",
         "min_split": "min_samples_split", "prune": "ccp_alpha", "criterion": "criterion"}


def grow(kind, target, options):
    given = {names[o]: v for o, v in options.items()}
    if "min_leaf" in options:
        given["min_weight_fraction_leaf"] = options["min_leaf"] / w.sum()
    trees = [kind(random_state=s, **given).fit(x, target, sample_weight=w) for s in range(20)]
    out = [t.predict_proba(x) if kind is DecisionTreeClassifier else t.predict(x) for t in trees]
    assert all(np.allclose(o, out[0]) for o in out), options
    assert all(np.allclose(t.feature_importances_, trees[0].feature_importances_) for t in trees), options
    return {"options": options, "out": out[0].tolist(), "leaves": int(trees[0].get_n_leaves()),
            "importance": trees[0].feature_importances_.tolist()}


classes = [grow(DecisionTreeClassifier, k, o) for o in (
    {"max_depth": 3}, {"max_leaves": 7}, {"criterion": "entropy", "max_depth": 3}, {"min_leaf": 11.5},
    {"prune": 0.02})]
numbers = [grow(DecisionTreeRegressor, y, o) for o in (
    {"max_depth": 4}, {"max_leaves": 9}, {"min_leaf": 16.5}, {"prune": 0.05})]


def validated(file, target, features, kind):
    df = pd.read_csv(f"../../../examples/data/{file}").dropna(subset=features + [target])
    X, t, fold = df[features].to_numpy(float), df[target].to_numpy(), np.arange(len(df)) % 10
    scores = []
    for seed in range(10):
        for f in range(10):
            m = kind(random_state=seed, min_samples_leaf=5).fit(X[fold != f], t[fold != f])
            p = m.predict(X[fold == f])
            scores.append(np.mean(p == t[fold == f]) if kind is DecisionTreeClassifier else np.mean(np.abs(p - t[fold == f])))
    by_fold = np.array(scores).reshape(10, 10).mean(0)
    return {"file": file, "target": target, "features": features, "score": float(by_fold.mean()),
            "std_error": float(by_fold.std(ddof=1) / np.sqrt(10)), "classifies": kind is DecisionTreeClassifier}


json.dump({
    "x": x.tolist(), "w": list(w), "y": list(y), "k": [str(v) for v in k], "classes": classes, "numbers": numbers,
    "validated": [
        validated("iris/iris.csv", "species", ["sepal_length", "sepal_width", "petal_length", "petal_width"], DecisionTreeClassifier),
        validated("penguins/penguins.csv", "species", ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"], DecisionTreeClassifier),
        validated("selfreport_bmi/selfreport.csv", "bm", ["age", "hr", "wr"], DecisionTreeRegressor),
    ],
}, open("decision_tree.json", "w"))

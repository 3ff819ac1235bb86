"""Reference values for tests/measure/metrics_spec.lua, from scikit-learn.

Run: python3 metrics.py > metrics.json   (written with scikit-learn 1.9.1, numpy 2)
"""
import json

import numpy as np
import sklearn
from sklearn import metrics as m

rng = np.random.default_rng(7)


def binary():
    n = 80
    truth = rng.choice(["N", "Y"], n, p=[0.65, 0.35])
    # One decimal: many ties.
    score = np.round(np.clip(rng.normal(0.35, 0.2, n) + 0.25 * (truth == "Y"), 0, 1), 1)
    predicted = np.where(score > 0.5, "Y", "N")
    weight = rng.integers(0, 4, n) / 2
    return truth, score, predicted, weight


def several():
    n = 90
    classes = np.array(["a", "b", "c", "d"])
    code = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    proba = rng.dirichlet(np.ones(4), n)
    proba[np.arange(n), code] += 0.5
    proba = np.round(proba / proba.sum(axis=1, keepdims=True), 3)
    proba[:, 3] = 1 - proba[:, :3].sum(axis=1)
    # d is never predicted.
    predicted = classes[np.argmax(proba[:, :3], axis=1)]
    weight = rng.integers(1, 4, n) / 2
    return classes, classes[code], code, proba, predicted, weight


def numbers():
    n = 70
    truth = np.round(rng.gamma(2, 3, n), 2) + 0.01
    predicted = np.round(np.abs(truth + rng.normal(0, 1.5, n)) + 0.05, 2)
    return truth, predicted, rng.integers(1, 4, n) / 2


out = {"scikit-learn": sklearn.__version__, "figures": []}


def add(data, metric, value, options=None, weighted=False):
    out["figures"].append({"data": data, "metric": metric, "value": float(value),
                           "options": options or {}, "weighted": weighted})


truth, score, predicted, weight = binary()
out["binary"] = {"truth": truth.tolist(), "score": score.tolist(),
                 "predicted": predicted.tolist(), "weight": weight.tolist()}
y = (truth == "Y").astype(int)
for w, sw in ((False, None), (True, weight)):
    for name, f in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
        for average in ("binary", "macro", "micro", "weighted"):
            add("binary", name, f(truth, predicted, average=average, pos_label="Y", sample_weight=sw),
                {"average": average, "positive": "Y"}, w)
        add("binary", name, f(truth, predicted, pos_label="N", sample_weight=sw), {"positive": "N"}, w)
    add("binary", "accuracy", m.accuracy_score(truth, predicted, sample_weight=sw), None, w)
    add("binary", "balanced_accuracy", m.balanced_accuracy_score(truth, predicted, sample_weight=sw), None, w)
    add("binary", "matthews", m.matthews_corrcoef(truth, predicted, sample_weight=sw), None, w)
    add("binary", "cohen_kappa", m.cohen_kappa_score(truth, predicted, sample_weight=sw), None, w)
    add("score", "roc_auc", m.roc_auc_score(y, score, sample_weight=sw), {"positive": "Y"}, w)
    add("score", "pr_auc", m.average_precision_score(y, score, sample_weight=sw), {"positive": "Y"}, w)
    add("score", "log_loss", m.log_loss(y, score, sample_weight=sw), {"positive": "Y"}, w)
    add("score", "brier", m.brier_score_loss(y, score, sample_weight=sw), {"positive": "Y"}, w)

classes, truth, code, proba, predicted, weight = several()
out["several"] = {"truth": truth.tolist(), "predicted": predicted.tolist(), "weight": weight.tolist(),
                  "proba": {c: proba[:, k].tolist() for k, c in enumerate(classes)}}
onehot = np.eye(4)[code]
for w, sw in ((False, None), (True, weight)):
    for name, f in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
        for average in ("macro", "micro", "weighted"):
            add("several", name, f(truth, predicted, average=average, sample_weight=sw, zero_division=0),
                {"average": average}, w)
    add("several", "accuracy", m.accuracy_score(truth, predicted, sample_weight=sw), None, w)
    add("several", "balanced_accuracy", m.balanced_accuracy_score(truth, predicted, sample_weight=sw), None, w)
    add("several", "matthews", m.matthews_corrcoef(truth, predicted, sample_weight=sw), None, w)
    add("several", "cohen_kappa", m.cohen_kappa_score(truth, predicted, sample_weight=sw), None, w)
    add("proba", "log_loss", m.log_loss(code, proba, sample_weight=sw), None, w)
    add("proba", "pr_auc", m.average_precision_score(onehot, proba, average="macro", sample_weight=sw), None, w)
    add("proba", "roc_auc", m.roc_auc_score(onehot, proba, average="macro", sample_weight=sw), None, w)
    add("proba", "roc_auc", m.roc_auc_score(onehot, proba, average="weighted", sample_weight=sw),
        {"average": "weighted"}, w)
    add("proba", "brier", np.average(((proba - onehot) ** 2).sum(axis=1), weights=sw), None, w)
add("several", "adjusted_rand", m.adjusted_rand_score(truth, predicted))

truth, predicted, weight = numbers()
out["numbers"] = {"truth": truth.tolist(), "predicted": predicted.tolist(), "weight": weight.tolist()}
for w, sw in ((False, None), (True, weight)):
    add("numbers", "rmse", m.root_mean_squared_error(truth, predicted, sample_weight=sw), None, w)
    add("numbers", "mae", m.mean_absolute_error(truth, predicted, sample_weight=sw), None, w)
    add("numbers", "mape", m.mean_absolute_percentage_error(truth, predicted, sample_weight=sw), None, w)
    add("numbers", "r2", m.r2_score(truth, predicted, sample_weight=sw), None, w)
    for alpha in (0.1, 0.5, 0.9):
        add("numbers", "pinball", m.mean_pinball_loss(truth, predicted, alpha=alpha, sample_weight=sw),
            {"alpha": alpha}, w)
    add("numbers", "poisson_deviance", m.mean_poisson_deviance(truth, predicted, sample_weight=sw), None, w)
add("numbers", "median_ae", m.median_absolute_error(truth, predicted))

figures = ",\n".join(json.dumps(figure) for figure in out.pop("figures"))
parts = [json.dumps(key) + ": " + json.dumps(value) for key, value in out.items()]
print("{" + ",\n".join(parts) + ',\n"figures": [\n' + figures + "\n]}")

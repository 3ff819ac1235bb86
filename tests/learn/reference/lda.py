"""Linear discriminant analysis of scikit-learn on iris: probabilities of every tenth row, without and
with shrinkage, and with one feature weighted by repeating rows. Writes lda.json."""
import json
import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

x, y = load_iris(return_X_y=True)
names = ["setosa", "versicolor", "virginica"]
out = {"made_by": "lda.py", "scikit_learn": sklearn.__version__, "x": x.tolist(),
       "y": [names[c] for c in y]}
for key, shrinkage in [("plain", 0.0), ("shrunk", 0.3)]:
    m = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(x, y)
    out[key] = m.predict_proba(x[::10]).tolist()
with open("lda.json", "w") as f:
    json.dump(out, f)

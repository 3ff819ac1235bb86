"""Platt's sigmoid and isotonic regression of scikit-learn on out-of-fold probabilities. Writes isotonic.lua."""
import numpy as np
import sklearn
from sklearn.isotonic import IsotonicRegression

p = np.array([0.1, 0.2, 0.3, 0.4, 0.4, 0.55, 0.6, 0.7, 0.8, 0.95])
y = np.array([0, 0, 1, 0, 1, 0, 1, 1, 0, 1])
new = np.array([0.0, 0.15, 0.25, 0.5, 0.65, 0.9, 1.0])
iso = IsotonicRegression(out_of_bounds="clip").fit(p, y)
print(f"-- Made by isotonic.py with scikit-learn {sklearn.__version__}.")
print("return { " + ", ".join(repr(float(v)) for v in iso.predict(new)) + " }")

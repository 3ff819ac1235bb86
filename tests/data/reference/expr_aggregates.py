"""Reference values of tests/data/expr_aggregate_spec.lua: python3 expr_aggregates.py (numpy, pandas)."""
import numpy as np
import pandas as pd

x = np.array([3.25, -1.5, 8.0, 2.75, 0.1, 19.0, 4.5])
y = np.array([1.0, 0.5, 2.25, 1.5, 0.0, 3.0, 2.0])
print("mean", repr(float(np.mean(x))))
print("var", repr(float(np.var(x, ddof=1))), "sd", repr(float(np.std(x, ddof=1))))
for p in (0, 0.1, 0.25, 0.5, 0.9, 1):
    print("quantile", p, repr(float(np.quantile(x, p))))
print("corr", repr(float(np.corrcoef(x, y)[0, 1])))
s = pd.Series([2.0, 1.0, 2.0, np.nan, 5.0, 1.0, 2.0])
print("rank", s.rank().tolist())
print("rolling", pd.Series(x).rolling(3).mean().tolist())
print("cumsum", s.cumsum().tolist())

"""scikit-learn's silhouette_score on the rows that silhouette_spec.lua makes."""
import numpy as np
import sklearn
from sklearn.metrics import silhouette_score

n = 120
i = np.arange(1, n + 1)
x = np.column_stack([(i * 7919 % 1009) / 100 + (i % 3) * 4.0, (i * 104729 % 997) / 50.0])
labels = np.where(i == 5, 3, i % 3)
print(sklearn.__version__)
print("four clusters, one of one row:", repr(silhouette_score(x, labels)))
print("two clusters:", repr(silhouette_score(x, i % 2)))

"""Reference values for the preparation steps, from scikit-learn. Prints a Lua table."""
import numpy as np
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler


def lua(a):
    if isinstance(a, (list, tuple, np.ndarray)):
        return "{ " + ", ".join(lua(x) for x in a) + " }"
    if isinstance(a, str):
        return '"' + a + '"'
    return repr(float(a))


x = np.array([[1.0, 200.0], [2.5, 180.0], [np.nan, 210.0], [4.0, np.nan], [7.25, 190.0]])
print(f"-- Made by make_steps.py with scikit-learn {sklearn.__version__}.")
print("return {")
for strategy in ["mean", "median", "most_frequent"]:
    print(f"  {strategy} = {lua(SimpleImputer(strategy=strategy).fit_transform(x).tolist())},")
filled = SimpleImputer(strategy="mean").fit_transform(x)
print(f"  scaled = {lua(StandardScaler().fit_transform(filled).tolist())},")
texts = ["The cat sat on the mat", "the dog sat", "A cat and a dog; the CAT again", "mat"]
v = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b")
m = v.fit_transform(texts).toarray()
print(f"  words = {lua(v.get_feature_names_out().tolist())},")
print(f"  tf_idf = {lua(m.tolist())},")
c = CountVectorizer(token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2), min_df=2)
m = c.fit_transform(texts).toarray()
print(f"  grams = {lua(c.get_feature_names_out().tolist())},")
print(f"  gram_counts = {lua(m.tolist())},")
print("}")

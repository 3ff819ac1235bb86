-- Made by isotonic.py with scikit-learn 1.9.1.
return { 0.0, 0.0, 0.25, 0.5, 0.6666666666666666, 0.888888888888889, 1.0 }

/* One line a learner or composition, in this folder's files. Included by shelf.c with the macros
   defined; the symbol is hana_<name>. */
HANA_LEARNER(baseline)
HANA_ESTIMATOR(bagging)
HANA_ESTIMATOR(calibrated)
HANA_LEARNER(decision_tree)
HANA_LEARNER(knn)
HANA_LEARNER(linear_regression)
HANA_LEARNER(logistic_regression)
HANA_ESTIMATOR(lookup)
HANA_ESTIMATOR(lua_model)
HANA_LEARNER(naive_bayes)
HANA_ESTIMATOR(pipeline)
HANA_LEARNER(ridge)

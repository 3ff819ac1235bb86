/* One line a remedy for scarce labels; the symbol is hana_<name>. */
HANA_ESTIMATOR(distill)
HANA_ESTIMATOR(self_training)

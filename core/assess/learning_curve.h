#ifndef HANA_ASSESS_LEARNING_CURVE_H
#define HANA_ASSESS_LEARNING_CURVE_H

#include "assess/resample.h"
#include "learn/option.h"

/* How good a spec is with fewer training rows. In each repeat some labelled rows are set
   aside for testing; of the others, in random order, the first n are trained on for each
   size n, so that the sizes of a repeat are nested and paired. */
typedef struct hana_curve_options {
    const double *sizes; /* ascending: shares of the training rows in (0, 1], or rows */
    size_t n_sizes;
    size_t repeats;
    double test; /* share of the rows */
    uint64_t seed;
    const char *metric; /* a metric of the library, or what the host's is called */
    const hana_host
        *host_metric; /* function(truth, predicted, proba) -> number; NULL: none.
                         Runs on this thread, one size after the other */
    int host_higher_is_better;
    const hana_value *args; /* of the metric, or NULL */
} hana_curve_options;

typedef struct hana_curve {
    size_t n_sizes, repeats, n_test;
    size_t *sizes;  /* rows trained on; n_sizes */
    double *values; /* repeats x n_sizes: the metric on the test rows */
    int higher_is_better;
} hana_curve;

HANA_API hana_status hana_learning_curve(hana_curve *out, const hana_spec *spec,
                                         const hana_frame *frame, const hana_roles *roles,
                                         const hana_curve_options *options, hana_job *job,
                                         hana_error *err);
HANA_API void hana_curve_clear(hana_curve *curve);

#endif

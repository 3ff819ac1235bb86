#ifndef HANA_LEARN_FITTED_H
#define HANA_LEARN_FITTED_H

#include "learn/estimator.h"
#include "learn/schema.h"

#include <stdatomic.h>

/* The inside of a fitted, for estimator.c, the driver, model.c and model_file.c. */

/* What only a model that a user fitted has. */
typedef struct hana_model_data {
    hana_roles roles;
    hana_schema schema;
    uint64_t seed, data_hash;
    size_t rows, n_warnings;
    char **warnings;
    uint64_t *row_ids; /* sorted hashes of the training rows' ids; not saved */
    size_t n_row_ids;
} hana_model_data;

struct hana_fitted {
    atomic_size_t references;
    const hana_spec *spec;
    const hana_estimator *vtable;
    hana_target target;
    hana_fit_facts facts;
    void *state;
    const hana_fitted *base; /* whose state this shares, or NULL when it is its own */
    hana_model_data *model;  /* owned, or NULL inside compositions */
    int has_threshold;
    double low, high;
};

/* Empty, with the vtable of the spec's part; state allocated and zeroed. */
hana_status hana_fitted_new(hana_fitted **out, const hana_spec *spec, hana_error *err);

/* The driver: any learner as an estimator. */
extern const hana_estimator hana_driver;
/* What the driver needs to say about a learner's fitted state. */
const void *hana_driver_state(const hana_fitted *fitted);

void hana_model_data_free(hana_model_data *model);

#endif

#ifndef HANA_LEARN_NEIGHBORS_H
#define HANA_LEARN_NEIGHBORS_H

#include "base/job.h"
#include "base/matrix.h"

/* Exact nearest rows by Euclidean distance. In few dimensions a k-d tree (Friedman,
   Bentley and Finkel, "An algorithm for finding best matches in logarithmic expected
   time", ACM TOMS 3, 1977); otherwise matrix products over blocks give bounds, and what
   they cannot rule out is measured directly. Either way distances are sums of squared
   differences and ties go to the lower row, so that the answer depends on nothing but the
   rows. */
typedef struct hana_neighbors hana_neighbors;

typedef struct hana_neighbor {
    double distance2;
    double weight;
    size_t row;
} hana_neighbor;

/* Copies rows and weights (NULL: all 1; each > 0). */
hana_status hana_neighbors_new(hana_neighbors **out, const hana_matrix *x,
                               const double *weights, hana_job *job, hana_error *err);
void hana_neighbors_free(hana_neighbors *index); /* NULL is fine */
size_t hana_neighbors_bytes(const hana_neighbors *index);

/* The neighbors of query `i`, nearest first; may run in several threads at once for
 * different i. */
typedef void hana_neighbors_fn(void *context, size_t i, const hana_neighbor *found,
                               size_t n);

/* For each query the nearest rows whose weights reach `k` together; the weight of the
   last is cut to what was missing, so that a weight of 3 is three equal rows. All rows
   when there are not enough. */
hana_status hana_neighbors_search(const hana_neighbors *index, const hana_matrix *queries,
                                  double k, hana_neighbors_fn *use, void *context,
                                  hana_job *job, hana_error *err);

#endif

#ifndef HANA_MEASURE_SPLIT_H
#define HANA_MEASURE_SPLIT_H

#include "data/frame.h"

/* Fold numbers 0 .. folds - 1, one a row, into fold[0..n). codes (may be NULL) stratify:
   each fold gets its share of every class; code -1 gives fold -1 (only ever trained on).
   groups (may be NULL): rows of one group share a fold; sizes are balanced greedily.
   Fails when folds exceeds the rows or groups, or is below 2. */
HANA_API hana_status hana_folds(int32_t *fold, size_t n, size_t folds,
                                const int32_t *codes, const int64_t *groups,
                                uint64_t seed, hana_error *err);
/* Group numbers by the values of a column (nulls are an error), for hana_folds and
 * splits. */
HANA_API hana_status hana_group_codes(int64_t *out, size_t *n_groups,
                                      const hana_column *column, hana_error *err);

typedef struct hana_split_options {
    double test,
        valid; /* shares of all rows in (0, 1), or rows when >= 1; valid 0: none */
    const char *stratify, *group,
        *by_time; /* column names or NULL; by_time: the latest rows are the test */
    uint64_t seed;
} hana_split_options;
/* Train, valid (NULL when not asked for) and test, each in the frame's row order. */
HANA_API hana_status hana_frame_split(hana_frame **train, hana_frame **valid,
                                      hana_frame **test, const hana_frame *frame,
                                      const hana_split_options *options, hana_error *err);

#endif

#ifndef HANA_DATA_EXPR_AGGREGATE_H
#define HANA_DATA_EXPR_AGGREGATE_H

#include "data/expr_term.h"

/* What the files of aggregates and windows share. */

/* An aggregate's term over its first n_args arguments. */
hana_status hana_term_aggregate(hana_term **out, hana_call *call, hana_type type,
                                hana_whole_kernel *run, size_t n_args, hana_error *err);
/* Levels, order and zone as the argument has them. */
void hana_term_like(hana_term *term, const hana_term *arg);
/* An int column with a cell a group, to be filled. */
hana_status hana_groups_of_ints(int64_t **values, hana_column **out,
                                const hana_program *program, hana_error *err);
/* Order of two cells that are not null: NaN after numbers, texts by bytes, categories by
 * level. */
int hana_cells_order(const hana_column *x, size_t i, size_t j);

hana_check_call hana_check_quantile,
    hana_check_distinct; /* expr_quantile.c, expr_distinct.c */

#endif

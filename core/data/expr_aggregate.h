#ifndef HANA_DATA_EXPR_AGGREGATE_H
#define HANA_DATA_EXPR_AGGREGATE_H

#include "data/expr_term.h"

/* What the files of aggregates and windows share.

   A pass goes over all rows with an accumulator a group. Rows are cut into blocks by
   their number alone and partial results are joined in a fixed order, so that the result
   does not depend on the threads. */
__extension__ typedef __int128 hana_wide;

typedef struct hana_pass hana_pass;
typedef void hana_pass_block(hana_pass *p, size_t block, size_t from, size_t to);
struct hana_pass {
    const hana_program *program;
    const hana_column *x, *y;
    hana_pass_block *run;
    size_t rows, groups, blocks, stride; /* block b has its slots from b * stride on */
    int64_t *counts;
    double *sums; /* blocks x sums a group x stride */
    hana_wide *wides;
    const double *center_x, *center_y;
};
void hana_pass_init(hana_pass *p, const hana_program *program, const hana_column *x,
                    const hana_column *y);
void hana_pass_clear(hana_pass *p);
/* The rows of a block. */
void hana_pass_range(const hana_pass *p, size_t block, size_t *from, size_t *to);
hana_status hana_pass_run(hana_pass *p, hana_pass_block *run, hana_error *err);
hana_status hana_pass_need_counts(hana_pass *p, hana_error *err);
hana_status hana_pass_need_sums(hana_pass *p, size_t each, hana_error *err);
void hana_pass_join_counts(hana_pass *p);
/* Into p->counts by group: the values of x (the rows when it is NULL), those that are
 * true. */
hana_status hana_pass_count(hana_pass *p, hana_error *err);
hana_status hana_pass_count_true(hana_pass *p, hana_error *err);
/* Into p->sums or p->wides by group. */
hana_status hana_pass_sum_floats(hana_pass *p, hana_error *err);
hana_status hana_pass_sum_ints(hana_pass *p, hana_error *err);

/* A sum and what rounding took from it (Knuth's two-sum, TAOCP 2, 4.2.2), so that a mean
   of many equal values is that value. */
static inline void hana_add_exactly(double *sum, double *rest, double x)
{
    double total = *sum + x, part = total - *sum;
    *rest += (*sum - (total - part)) + (x - part);
    *sum = total;
}
/* Sums run in eight lanes, whatever the processor: the same bits everywhere. */
enum { HANA_LANES = 8 };

hana_whole_kernel hana_run_mean, hana_run_variance, hana_run_corr, hana_run_choose;
enum { HANA_PICK_MIN, HANA_PICK_MAX, HANA_PICK_FIRST, HANA_PICK_LAST };

/* An aggregate's term over its first n_args arguments. */
hana_status hana_term_aggregate(hana_term **out, hana_call *call, hana_type type,
                                hana_whole_kernel *run, size_t n_args, hana_error *err);
/* Levels, order and zone as the argument has them. */
void hana_term_like(hana_term *term, const hana_term *arg);
/* An int column with a cell a group, to be filled. */
hana_status hana_groups_of_ints(int64_t **values, hana_column **out,
                                const hana_program *program, hana_error *err);
/* Floats, a cell a group, null where has[g] is 0. */
hana_status hana_groups_of_floats(hana_column **out, const hana_program *program,
                                  const double *values, const uint8_t *has,
                                  hana_error *err);
/* Order of two cells that are not null: NaN after numbers, texts by bytes, categories by
 * level. */
int hana_cells_order(const hana_column *x, size_t i, size_t j);

hana_check_call hana_check_quantile,
    hana_check_distinct; /* expr_quantile.c, expr_distinct.c */

#endif

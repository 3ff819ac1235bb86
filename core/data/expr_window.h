#ifndef HANA_DATA_EXPR_WINDOW_H
#define HANA_DATA_EXPR_WINDOW_H

#include "data/expr_aggregate.h"

/* The rows of a program in the order of their groups. */
typedef struct hana_window {
    const hana_program *program;
    const hana_term *term;
    const hana_column *x;
    const size_t *order, *starts; /* NULL: the rows are one group */
} hana_window;

hana_status hana_window_open(hana_window *w, const hana_term *term, const hana_column *x,
                             const hana_program *program, hana_error *err);
/* A new column of the rows with room for values and validity, all absent. */
hana_status hana_window_column(hana_column **out, void **values, uint8_t **bits,
                               hana_type type, size_t rows, hana_error *err);
/* The places of a group, and the row at a place. */
static inline size_t hana_window_first(const hana_window *w, size_t g)
{
    return w->order ? w->starts[g] : 0;
}
static inline size_t hana_window_end(const hana_window *w, size_t g)
{
    return w->order ? w->starts[g + 1] : w->program->rows;
}
static inline size_t hana_window_row(const hana_window *w, size_t place)
{
    return w->order ? w->order[place] : place;
}

hana_whole_kernel hana_run_rolling_mean; /* expr_rolling.c */

#endif

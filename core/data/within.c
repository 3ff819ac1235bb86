#include "data/verbs.h"

/* Verbs that see the rows of a group only. */

hana_status hana_frame_mutate_within(hana_frame **out, const hana_frame *frame,
                                     const hana_names *keys, const hana_names *names,
                                     const hana_expr *const *exprs, int in_order,
                                     hana_job *job, hana_error *err)
{
    hana_groups g = { .rows = hana_frame_rows(frame) };
    hana_frame *now = NULL;
    HANA_TRY(hana_frame_groups(&g.of_row, &g.first, &g.n, frame, keys, job, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; i < names->n && status == HANA_OK; i++) {
        const hana_frame *before = now ? now : frame;
        hana_column *column;
        hana_frame *next;
        status = hana_expr_eval_within(&column, exprs[i], in_order ? before : frame, &g,
                                       job, err);
        if (status != HANA_OK) break;
        status = hana_frame_set(&next, before, names->items[i], column, err);
        hana_column_release(column);
        if (status != HANA_OK) break;
        hana_frame_release(now);
        now = next;
    }
    hana_groups_clear(&g);
    if (status == HANA_OK && !now)
        status = hana_frame_slice(&now, frame, 0, hana_frame_rows(frame), err);
    if (status != HANA_OK) {
        hana_frame_release(now);
        return status;
    }
    *out = now;
    return HANA_OK;
}

/* The rows at which a bool column is true. */
static hana_status take_true(hana_frame **out, const hana_frame *frame,
                             const hana_column *truth, hana_error *err)
{
    if (hana_column_type(truth) != HANA_BOOL) {
        return hana_fail(err, HANA_BAD_TYPE, "a filter needs true or false, this is %s",
                         hana_type_name(hana_column_type(truth)));
    }
    size_t n = hana_frame_rows(frame), kept = 0;
    size_t *rows = hana_alloc(n, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        int yes = !hana_column_is_null(truth, i) && hana_bit(hana_column_bits(truth), i);
        if (yes) rows[kept++] = i;
    }
    hana_status status = hana_frame_take(out, frame, rows, kept, err);
    hana_free(rows);
    return status;
}

hana_status hana_frame_filter_within(hana_frame **out, const hana_frame *frame,
                                     const hana_names *keys, const hana_expr *where,
                                     hana_job *job, hana_error *err)
{
    hana_groups g = { .rows = hana_frame_rows(frame) };
    hana_column *truth;
    HANA_TRY(hana_frame_groups(&g.of_row, &g.first, &g.n, frame, keys, job, err));
    hana_status status = hana_expr_eval_within(&truth, where, frame, &g, job, err);
    hana_groups_clear(&g);
    HANA_TRY(status);
    status = take_true(out, frame, truth, err);
    hana_column_release(truth);
    return status;
}

#include "data/verbs.h"

#include "data/keys.h"

/* The rows 0, 1, ... of a frame; the caller's. NULL without memory. */
static size_t *all_rows(size_t n)
{
    size_t *rows = hana_alloc(n, sizeof *rows);
    for (size_t i = 0; rows && i < n; i++) rows[i] = i;
    return rows;
}

hana_status hana_frame_order(size_t **rows, const hana_frame *frame,
                             const hana_names *keys, const int *descending, hana_job *job,
                             hana_error *err)
{
    hana_keys coded;
    HANA_TRY(hana_keys_make(&coded, frame, keys, descending, 1, err));
    size_t *order = all_rows(coded.rows);
    hana_status status = order ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_keys_sort(order, coded.rows, &coded, job, err);
    hana_keys_clear(&coded);
    if (status != HANA_OK) {
        hana_free(order);
        return status;
    }
    *rows = order;
    return HANA_OK;
}

hana_status hana_frame_sort(hana_frame **out, const hana_frame *frame,
                            const hana_names *keys, const int *descending, hana_job *job,
                            hana_error *err)
{
    size_t *order;
    HANA_TRY(hana_frame_order(&order, frame, keys, descending, job, err));
    hana_status status = hana_frame_take(out, frame, order, hana_frame_rows(frame), err);
    hana_free(order);
    return status;
}

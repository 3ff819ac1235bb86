#include "data/verbs.h"

#include "data/keys.h"

hana_status hana_frame_order(size_t **rows, const hana_frame *frame,
                             const hana_names *keys, const int *descending, hana_job *job,
                             hana_error *err)
{
    hana_keys coded;
    HANA_TRY(hana_keys_make(&coded, frame, keys, descending, 1, err));
    hana_status status = hana_keys_order(rows, &coded, job, err);
    hana_keys_clear(&coded);
    return status;
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

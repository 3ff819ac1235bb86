#include "data/verbs.h"

#include "data/keys.h"

#include <string.h>

/* Renumbers groups that were numbered as they appeared in the order of their keys. */
static hana_status into_key_order(size_t *group_of_row, size_t *first, size_t n_groups,
                                  const hana_keys *keys, hana_job *job, hana_error *err)
{
    /* Sorting the first rows forgets which group each stood for: group_of_row still
     * tells. */
    HANA_TRY(hana_keys_sort(first, n_groups, keys, job, err));
    size_t *place = hana_alloc(n_groups, sizeof *place);
    if (!place) return hana_fail_memory(err);
    for (size_t g = 0; g < n_groups; g++) place[group_of_row[first[g]]] = g;
    for (size_t i = 0; i < keys->rows; i++) group_of_row[i] = place[group_of_row[i]];
    hana_free(place);
    return HANA_OK;
}

hana_status hana_frame_groups(size_t **group_of_row, size_t **first_row, size_t *n_groups,
                              const hana_frame *frame, const hana_names *keys,
                              hana_job *job, hana_error *err)
{
    hana_keys coded;
    size_t *groups = NULL, *first = NULL, n = 0;
    HANA_TRY(hana_keys_make(&coded, frame, keys, NULL, 1, err));
    hana_status status = hana_keys_number(&groups, &first, &n, &coded, job, err);
    if (status == HANA_OK) {
        status = into_key_order(groups, first, n, &coded, job, err);
        if (status != HANA_OK) {
            hana_free(groups);
            hana_free(first);
        }
    }
    hana_keys_clear(&coded);
    if (status != HANA_OK) return status;
    *group_of_row = groups;
    *first_row = first;
    *n_groups = n;
    return HANA_OK;
}

/* The names of the columns that can be keys in front of their refusal: all of them. */
static hana_status all_names(hana_names *out, const hana_frame *frame, hana_error *err)
{
    for (size_t j = 0; j < hana_frame_cols(frame); j++) {
        HANA_TRY(hana_names_add(out, hana_frame_name(frame, j), err));
    }
    return HANA_OK;
}

hana_status hana_frame_distinct(hana_frame **out, const hana_frame *frame,
                                const hana_names *keys, hana_job *job, hana_error *err)
{
    hana_names all = { 0 };
    hana_keys coded = { 0 };
    size_t *groups = NULL, *first = NULL, n = 0;
    hana_status status = HANA_OK;
    if (!keys) {
        HANA_GOTO(done, all_names(&all, frame, err));
        keys = &all;
    }
    HANA_GOTO(done, hana_keys_make(&coded, frame, keys, NULL, 0, err));
    HANA_GOTO(done, hana_keys_number(&groups, &first, &n, &coded, job, err));
    status = hana_frame_take(out, frame, first, n, err);
done:
    hana_free(groups);
    hana_free(first);
    hana_keys_clear(&coded);
    hana_names_clear(&all);
    return status;
}

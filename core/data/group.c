#include "data/verbs.h"

#include "data/keys.h"

#include <string.h>

hana_status hana_frame_groups(size_t **group_of_row, size_t **first_row, size_t *n_groups,
                              const hana_frame *frame, const hana_names *keys,
                              hana_job *job, hana_error *err)
{
    hana_keys coded;
    HANA_TRY(hana_keys_make(&coded, frame, keys, NULL, 1, err));
    hana_status status =
        hana_keys_rank(group_of_row, first_row, n_groups, &coded, job, err);
    hana_keys_clear(&coded);
    return status;
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

/* The key columns at the first row of each group. */
static hana_status key_values(const hana_column **columns, size_t *n,
                              const hana_frame *frame, const hana_names *keys,
                              const size_t *first, size_t n_groups, hana_error *err)
{
    for (size_t k = 0; k < keys->n; k++) {
        const hana_column *column;
        hana_column *values;
        HANA_TRY(hana_frame_get(&column, frame, keys->items[k], err));
        HANA_TRY(hana_column_take(&values, column, first, n_groups, err));
        columns[(*n)++] = values;
    }
    return HANA_OK;
}

/* All rows as one group, which is there even when there are no rows. */
static hana_status one_group(size_t **group_of_row, size_t **first, size_t *n_groups,
                             size_t rows, hana_error *err)
{
    *group_of_row = hana_alloc_zero(rows, sizeof **group_of_row);
    *first = hana_alloc_zero(1, sizeof **first);
    if (!*group_of_row || !*first) return hana_fail_memory(err);
    *n_groups = 1;
    return HANA_OK;
}

hana_status hana_frame_summarize(hana_frame **out, const hana_frame *frame,
                                 const hana_names *keys, const hana_names *names,
                                 const hana_expr *const *exprs, hana_job *job,
                                 hana_error *err)
{
    hana_groups groups = { .rows = hana_frame_rows(frame) };
    size_t n = 0;
    size_t most = keys->n + names->n;
    hana_names all = { 0 };
    hana_status status;
    const hana_column **columns = hana_alloc_zero(most, sizeof *columns);
    if (!columns) return hana_fail_memory(err);
    if (keys->n > 0) {
        status = hana_frame_groups(&groups.of_row, &groups.first, &groups.n, frame, keys,
                                   job, err);
    } else {
        status = one_group(&groups.of_row, &groups.first, &groups.n, groups.rows, err);
    }
    if (status == HANA_OK) status = hana_names_copy(&all, keys, err);
    if (status == HANA_OK)
        status = key_values(columns, &n, frame, keys, groups.first, groups.n, err);
    for (size_t i = 0; i < names->n && status == HANA_OK; i++) {
        hana_column *values;
        HANA_GOTO(done, hana_names_add(&all, names->items[i], err));
        HANA_GOTO(done,
                  hana_expr_eval_groups(&values, exprs[i], frame, &groups, job, err));
        columns[n++] = values;
    }
    if (status == HANA_OK) {
        status = hana_frame_new(out, (const char *const *)all.items, columns, n, groups.n,
                                err);
    }
done:
    for (size_t j = 0; j < n; j++) hana_column_release(columns[j]);
    hana_free(columns);
    hana_groups_clear(&groups);
    hana_names_clear(&all);
    return status;
}

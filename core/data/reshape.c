#include "data/verbs.h"

#include "base/job.h"
#include "data/keys.h"

#include <string.h>

/* Columns of a result as they are made: names and references. */
typedef struct parts {
    hana_names names;
    const hana_column **columns;
    size_t n;
} parts;

static hana_status parts_room(parts *p, size_t most, hana_error *err)
{
    *p = (parts){ .columns = hana_alloc_zero(most, sizeof *p->columns) };
    return p->columns ? HANA_OK : hana_fail_memory(err);
}

static void parts_clear(parts *p)
{
    for (size_t j = 0; j < p->n; j++) hana_column_release(p->columns[j]);
    hana_free(p->columns);
    hana_names_clear(&p->names);
}

/* Takes the column over, on failure too. */
static hana_status parts_add(parts *p, const char *name, const hana_column *column,
                             hana_error *err)
{
    hana_status status = hana_names_add(&p->names, name, err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    p->columns[p->n++] = column;
    return HANA_OK;
}

static hana_status parts_frame(hana_frame **out, const parts *p, size_t rows,
                               const char *verb, hana_error *err)
{
    hana_status status = hana_frame_new(out, (const char *const *)p->names.items,
                                        p->columns, p->n, rows, err);
    if (status == HANA_OK || status == HANA_OUT_OF_MEMORY) return status;
    return hana_fail_prefix(err, status, "%s: ", verb);
}

/* Longer. */

/* The other columns with each row repeated. */
static hana_status repeat_others(parts *p, const hana_frame *frame,
                                 const hana_names *columns, hana_error *err)
{
    size_t times = columns->n, n = hana_frame_rows(frame) * times;
    size_t *rows = hana_alloc(n, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) rows[i] = i / times;
    hana_status status = HANA_OK;
    for (size_t j = 0; j < hana_frame_cols(frame) && status == HANA_OK; j++) {
        const char *name = hana_frame_name(frame, j);
        if (hana_names_find(columns, name) >= 0) continue;
        hana_column *repeated;
        status = hana_column_take(&repeated, hana_frame_column(frame, j), rows, n, err);
        if (status == HANA_OK) status = parts_add(p, name, repeated, err);
    }
    hana_free(rows);
    return status;
}

/* 0, 1, 2, 0, 1, 2, ... over the names as levels. */
static hana_status name_column(hana_column **out, const hana_names *columns, size_t rows,
                               hana_error *err)
{
    hana_column *levels;
    size_t n = rows * columns->n;
    HANA_TRY(hana_column_from_strings(&levels, (const char *const *)columns->items,
                                      columns->n, err));
    int32_t *codes = hana_alloc(n, sizeof *codes);
    hana_status status = codes ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; i < n && status == HANA_OK; i++)
        codes[i] = (int32_t)(i % columns->n);
    if (status == HANA_OK) status = hana_column_from_codes(out, codes, n, levels, 0, err);
    hana_free(codes);
    hana_column_release(levels);
    return status;
}

/* The columns' cells row by row: stacked first, then put in that order. */
static hana_status value_column(hana_column **out, const hana_frame *frame,
                                const hana_names *columns, hana_error *err)
{
    size_t rows = hana_frame_rows(frame), n = rows * columns->n;
    const hana_column **stack = hana_alloc(columns->n, sizeof *stack);
    size_t *order = hana_alloc(n, sizeof *order);
    hana_column *stacked = NULL;
    hana_status status = stack && order ? HANA_OK : hana_fail_memory(err);
    for (size_t k = 0; k < columns->n && status == HANA_OK; k++) {
        status = hana_frame_get(&stack[k], frame, columns->items[k], err);
    }
    if (status == HANA_OK) {
        status = hana_column_concat(&stacked, stack, columns->n, err);
        if (status == HANA_BAD_TYPE) hana_fail_prefix(err, status, "pivot_longer: ");
    }
    for (size_t i = 0; i < n && status == HANA_OK; i++) {
        order[i] = i % columns->n * rows + i / columns->n;
    }
    if (status == HANA_OK) status = hana_column_take(out, stacked, order, n, err);
    hana_column_release(stacked);
    hana_free(order);
    hana_free(stack);
    return status;
}

hana_status hana_frame_pivot_longer(hana_frame **out, const hana_frame *frame,
                                    const hana_names *columns, const char *name,
                                    const char *value, hana_error *err)
{
    size_t rows = hana_frame_rows(frame), n;
    if (columns->n == 0) {
        return hana_fail(err, HANA_BAD_ARGUMENT, "pivot_longer: no columns were given");
    }
    if (columns->n > INT32_MAX || __builtin_mul_overflow(rows, columns->n, &n)) {
        return hana_fail_memory(err);
    }
    parts p;
    hana_column *made;
    HANA_TRY(parts_room(&p, hana_frame_cols(frame) + 2, err));
    hana_status status = repeat_others(&p, frame, columns, err);
    if (status == HANA_OK) status = name_column(&made, columns, rows, err);
    if (status == HANA_OK) status = parts_add(&p, name, made, err);
    if (status == HANA_OK) status = value_column(&made, frame, columns, err);
    if (status == HANA_OK) status = parts_add(&p, value, made, err);
    if (status == HANA_OK) status = parts_frame(out, &p, n, "pivot_longer", err);
    parts_clear(&p);
    return status;
}

/* Wider. */

/* Which row and which new column each cell goes to. */
typedef struct plan {
    hana_names ids;
    size_t *row_of, *first_row, n_rows;
    size_t *column_of, *first_column, n_columns;
    size_t *
        cells; /* column c, row r: the old row at cells[c * n_rows + r], or HANA_NO_ROW */
} plan;

static void plan_clear(plan *p)
{
    hana_names_clear(&p->ids);
    hana_free(p->row_of);
    hana_free(p->first_row);
    hana_free(p->column_of);
    hana_free(p->first_column);
    hana_free(p->cells);
}

/* Numbers rows by the values of columns as they appear. */
static hana_status number(size_t **of_row, size_t **first, size_t *n,
                          const hana_frame *frame, const hana_names *names, hana_job *job,
                          hana_error *err)
{
    hana_keys keys;
    HANA_TRY(hana_keys_make(&keys, frame, names, NULL, 0, err));
    hana_status status = hana_keys_number(of_row, first, n, &keys, job, err);
    hana_keys_clear(&keys);
    return status;
}

/* The new columns: a category's in the order of its levels, others as they appear. */
static hana_status plan_columns(plan *p, const hana_frame *frame, const char *name,
                                hana_job *job, hana_error *err)
{
    const hana_column *column;
    hana_names names = { 0 };
    HANA_TRY(hana_frame_get(&column, frame, name, err));
    for (size_t i = 0; i < hana_column_length(column); i++) {
        if (!hana_column_is_null(column, i)) continue;
        return hana_fail(
            err, HANA_BAD_DATA,
            "pivot_wider: column '%s' is null in row %zu, which names no column", name,
            i + 1);
    }
    HANA_TRY(hana_names_add(&names, name, err));
    hana_status status;
    if (hana_column_type(column) == HANA_CATEGORY) {
        status = hana_frame_groups(&p->column_of, &p->first_column, &p->n_columns, frame,
                                   &names, job, err);
    } else {
        status = number(&p->column_of, &p->first_column, &p->n_columns, frame, &names,
                        job, err);
    }
    hana_names_clear(&names);
    return status;
}

static hana_status plan_rows(plan *p, const hana_frame *frame, const hana_names *ids,
                             const char *name, const char *value, hana_job *job,
                             hana_error *err)
{
    if (ids) {
        HANA_TRY(hana_names_copy(&p->ids, ids, err));
    } else {
        for (size_t j = 0; j < hana_frame_cols(frame); j++) {
            const char *other = hana_frame_name(frame, j);
            if (strcmp(other, name) == 0 || strcmp(other, value) == 0) continue;
            HANA_TRY(hana_names_add(&p->ids, other, err));
        }
    }
    return number(&p->row_of, &p->first_row, &p->n_rows, frame, &p->ids, job, err);
}

static hana_status plan_cells(plan *p, const hana_frame *frame, const char *name,
                              hana_error *err)
{
    size_t n;
    if (__builtin_mul_overflow(p->n_rows, p->n_columns, &n) || n > INT32_MAX) {
        return hana_fail(err, HANA_BAD_SHAPE,
                         "pivot_wider: %zu rows of %zu columns would come out: too many",
                         p->n_rows, p->n_columns);
    }
    p->cells = hana_alloc(n, sizeof *p->cells);
    if (!p->cells) return hana_fail_memory(err);
    for (size_t k = 0; k < n; k++) p->cells[k] = HANA_NO_ROW;
    for (size_t i = 0; i < hana_frame_rows(frame); i++) {
        size_t *cell = &p->cells[p->column_of[i] * p->n_rows + p->row_of[i]];
        if (*cell != HANA_NO_ROW) {
            return hana_fail(
                err, HANA_BAD_DATA,
                "pivot_wider: rows %zu and %zu go to the same cell (equal '%s' and "
                "equal other columns); aggregate = \"sum\" or the like makes one of them",
                *cell + 1, i + 1, name);
        }
        *cell = i;
    }
    return HANA_OK;
}

static hana_status wide_columns(parts *made, const plan *p, const hana_frame *frame,
                                const char *name, const char *value, hana_error *err)
{
    const hana_column *names, *values, *id;
    hana_column *column;
    HANA_TRY(hana_frame_get(&names, frame, name, err));
    HANA_TRY(hana_frame_get(&values, frame, value, err));
    for (size_t k = 0; k < p->ids.n; k++) {
        HANA_TRY(hana_frame_get(&id, frame, p->ids.items[k], err));
        HANA_TRY(hana_column_take(&column, id, p->first_row, p->n_rows, err));
        HANA_TRY(parts_add(made, p->ids.items[k], column, err));
    }
    hana_text text = { 0 };
    hana_status status = HANA_OK;
    for (size_t c = 0; c < p->n_columns && status == HANA_OK; c++) {
        text.length = 0;
        hana_text_add(&text, "", 0);
        hana_column_print_cell(names, p->first_column[c], 1, &text);
        status = text.failed ? hana_fail_memory(err) : HANA_OK;
        if (status == HANA_OK && strlen(text.data) != text.length)
            status =
                hana_fail(err, HANA_BAD_DATA,
                          "pivot_wider: the value '%s' of column '%s' contains a NUL "
                          "byte, which a name cannot",
                          text.data, name);
        if (status == HANA_OK) {
            status = hana_column_take(&column, values, p->cells + c * p->n_rows,
                                      p->n_rows, err);
        }
        if (status == HANA_OK) status = parts_add(made, text.data, column, err);
    }
    hana_text_clear(&text);
    return status;
}

hana_status hana_frame_pivot_wider(hana_frame **out, const hana_frame *frame,
                                   const hana_names *ids, const char *name,
                                   const char *value, hana_job *job, hana_error *err)
{
    size_t at;
    HANA_TRY(hana_frame_index(&at, frame, value, err));
    plan p = { 0 };
    parts made = { 0 };
    hana_status status = plan_columns(&p, frame, name, job, err);
    if (status == HANA_OK) status = plan_rows(&p, frame, ids, name, value, job, err);
    if (status == HANA_OK) status = plan_cells(&p, frame, name, err);
    if (status == HANA_OK) status = parts_room(&made, p.ids.n + p.n_columns, err);
    if (status == HANA_OK) status = wide_columns(&made, &p, frame, name, value, err);
    if (status == HANA_OK) status = parts_frame(out, &made, p.n_rows, "pivot_wider", err);
    parts_clear(&made);
    plan_clear(&p);
    return status;
}

/* Nulls. */

hana_status hana_frame_drop_null(hana_frame **out, const hana_frame *frame,
                                 const hana_names *columns, hana_error *err)
{
    size_t n = hana_frame_rows(frame), kept = 0;
    size_t cols = columns ? columns->n : hana_frame_cols(frame);
    size_t *rows = hana_alloc(n, sizeof *rows);
    unsigned char *gone = hana_alloc_zero(n, 1);
    hana_status status = rows && gone ? HANA_OK : hana_fail_memory(err);
    for (size_t j = 0; j < cols && status == HANA_OK; j++) {
        const hana_column *column = NULL;
        if (columns)
            status = hana_frame_get(&column, frame, columns->items[j], err);
        else
            column = hana_frame_column(frame, j);
        if (status == HANA_OK) status = hana_poll_job(err);
        if (status != HANA_OK || hana_column_nulls(column) == 0) continue;
        for (size_t i = 0; i < n; i++)
            gone[i] |= (unsigned char)hana_column_is_null(column, i);
    }
    for (size_t i = 0; i < n && status == HANA_OK; i++) {
        if (!gone[i]) rows[kept++] = i;
    }
    if (status == HANA_OK) status = hana_frame_take(out, frame, rows, kept, err);
    hana_free(rows);
    hana_free(gone);
    return status;
}

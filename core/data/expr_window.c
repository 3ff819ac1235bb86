#include "data/expr_window.h"
#include "data/column_parts.h"
#include "data/verbs.h"

#include <math.h>
#include <string.h>

/* Functions that look at other rows: lag, lead, fill_forward, fill_backward, diff,
   cumsum, cummax, rank, row_number, rolling_mean. By group they see the rows of their own
   group, in row order. */

hana_status hana_window_open(hana_window *w, const hana_term *term, const hana_column *x,
                             const hana_program *program, hana_error *err)
{
    *w = (hana_window){ .program = program, .term = term, .x = x };
    return hana_program_order(&w->order, &w->starts, program, err);
}

hana_status hana_window_column(hana_column **out, void **values, uint8_t **bits,
                               hana_type type, size_t rows, hana_error *err)
{
    hana_column *column;
    HANA_TRY(hana_column_make(&column, type, rows, err));
    size_t width = hana_type_width(type);
    hana_status status = hana_column_room(values, column, rows, width, err);
    if (status == HANA_OK) status = hana_column_validity_room(bits, column, 0, err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    if (type == HANA_FLOAT)
        for (size_t i = 0; i < rows; i++) ((double *)*values)[i] = NAN;
    else
        memset(*values, 0, rows * width);
    *out = column;
    return HANA_OK;
}

/* rows[i]: the row `shift` places before row i in its group (after it when negative), or
 * none. */
static void shifted_rows(size_t *rows, const hana_window *w, int64_t shift)
{
    for (size_t g = 0; g < w->program->groups; g++) {
        size_t from = hana_window_first(w, g), to = hana_window_end(w, g);
        for (size_t k = from; k < to; k++) {
            size_t by = (size_t)(shift < 0 ? -shift : shift);
            int inside = shift < 0 ? by < to - k : by <= k - from;
            size_t other = shift < 0 ? k + by : k - by;
            rows[hana_window_row(w, k)] =
                inside ? hana_window_row(w, other) : HANA_NO_ROW;
        }
    }
}

/* The cells of other rows, which `find` gives. */
static hana_status take_found(hana_column **out, const hana_term *term,
                              const hana_column *x, const hana_program *program,
                              void (*find)(size_t *, const hana_window *, int64_t),
                              hana_error *err)
{
    hana_window w;
    HANA_TRY(hana_window_open(&w, term, x, program, err));
    size_t *rows = hana_alloc(program->rows, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    find(rows, &w, term->number);
    hana_status status = hana_column_take(out, x, rows, program->rows, err);
    hana_free(rows);
    return status;
}

static hana_status run_shift(hana_column **out, const hana_term *term,
                             const hana_column *const *args, const hana_program *program,
                             hana_error *err)
{
    return take_found(out, term, args[0], program, shifted_rows, err);
}

/* rows[i]: row i where it has a value, else the last row with one before it in its group
   (the next one after it when `most` is negative), if no more than |most| rows apart. */
static void filled_rows(size_t *rows, const hana_window *w, int64_t most)
{
    for (size_t g = 0; g < w->program->groups; g++) {
        size_t first = hana_window_first(w, g), n = hana_window_end(w, g) - first,
               last = HANA_NO_ROW;
        int64_t since = 0, apart = most < 0 ? -most : most;
        for (size_t k = 0; k < n; k++) {
            size_t i = hana_window_row(w, first + (most < 0 ? n - 1 - k : k));
            int null = hana_column_is_null(w->x, i);
            since = null ? since + 1 : 0;
            if (!null) last = i;
            rows[i] = since <= apart && last != HANA_NO_ROW ? last : i;
        }
    }
}

static hana_status run_fill(hana_column **out, const hana_term *term,
                            const hana_column *const *args, const hana_program *program,
                            hana_error *err)
{
    return take_found(out, term, args[0], program, filled_rows, err);
}

static hana_status fail_overflow(const hana_window *w, size_t row, hana_error *err)
{
    return hana_term_fail(w->program, w->term, err, HANA_NUMERIC,
                          "integer overflow in row %zu; float(x) avoids it", row + 1);
}

static hana_status fill_diff(const hana_window *w, void *values, uint8_t *bits,
                             const size_t *before, hana_error *err)
{
    for (size_t i = 0; i < w->program->rows; i++) {
        size_t j = before[i];
        if (j == HANA_NO_ROW || hana_column_is_null(w->x, i) ||
            hana_column_is_null(w->x, j))
            continue;
        hana_bit_set(bits, i);
        switch (hana_column_type(w->x)) {
        case HANA_FLOAT: {
            const double *f = hana_column_floats(w->x);
            ((double *)values)[i] = f[i] - f[j];
            break;
        }
        case HANA_DATE: {
            const int32_t *d = hana_column_codes(w->x);
            ((int64_t *)values)[i] = (int64_t)d[i] - d[j];
            break;
        }
        default: {
            const int64_t *k = hana_column_ints(w->x);
            int64_t apart;
            int over = __builtin_sub_overflow(k[i], k[j], &apart);
            if (hana_column_type(w->x) == HANA_DATETIME)
                ((double *)values)[i] =
                    over ? ((double)k[i] - (double)k[j]) / 1e6 : (double)apart / 1e6;
            else if (over)
                return fail_overflow(w, i, err);
            else
                ((int64_t *)values)[i] = apart;
            break;
        }
        }
    }
    return HANA_OK;
}

static hana_status run_diff(hana_column **out, const hana_term *term,
                            const hana_column *const *args, const hana_program *program,
                            hana_error *err)
{
    hana_window w;
    void *values;
    uint8_t *bits;
    hana_column *column;
    HANA_TRY(hana_window_open(&w, term, args[0], program, err));
    HANA_TRY(hana_window_column(&column, &values, &bits, term->type, program->rows, err));
    size_t *before = hana_alloc(program->rows, sizeof *before);
    hana_status status = before ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        shifted_rows(before, &w, term->number);
        status = fill_diff(&w, values, bits, before, err);
    }
    hana_free(before);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    hana_column_count_nulls(column);
    *out = column;
    return HANA_OK;
}

static hana_status cumulate_ints(const hana_window *w, size_t g, int64_t *values,
                                 uint8_t *bits, hana_error *err)
{
    const int64_t *x = hana_column_ints(w->x);
    int64_t total = 0;
    int greatest = w->term->op, any = 0;
    for (size_t k = hana_window_first(w, g); k < hana_window_end(w, g); k++) {
        size_t i = hana_window_row(w, k);
        if (hana_column_is_null(w->x, i)) continue;
        if (!greatest && __builtin_add_overflow(total, x[i], &total))
            return fail_overflow(w, i, err);
        if (greatest && (!any || x[i] > total)) total = x[i];
        any = 1;
        values[i] = total;
        hana_bit_set(bits, i);
    }
    return HANA_OK;
}

/* Sums are compensated (Neumaier, ZAMM 54, 1974), so that long ones keep their digits. */
static void cumulate_floats(const hana_window *w, size_t g, double *values, uint8_t *bits)
{
    const double *x = hana_column_floats(w->x);
    double total = 0, rest = 0;
    int greatest = w->term->op, any = 0;
    for (size_t k = hana_window_first(w, g); k < hana_window_end(w, g); k++) {
        size_t i = hana_window_row(w, k);
        if (hana_column_is_null(w->x, i)) continue;
        if (greatest) {
            if (!any || isnan(x[i]) || x[i] > total)
                total = isnan(total) && any ? total : x[i];
            values[i] = total;
        } else {
            double sum = total + x[i];
            if (isfinite(sum))
                rest += fabs(total) >= fabs(x[i]) ? (total - sum) + x[i]
                                                  : (x[i] - sum) + total;
            total = sum;
            values[i] = total + rest;
        }
        any = 1;
        hana_bit_set(bits, i);
    }
}

static void cumulate_codes(const hana_window *w, size_t g, int32_t *values, uint8_t *bits)
{
    const int32_t *x = hana_column_codes(w->x);
    int32_t most = 0;
    int any = 0;
    for (size_t k = hana_window_first(w, g); k < hana_window_end(w, g); k++) {
        size_t i = hana_window_row(w, k);
        if (hana_column_is_null(w->x, i)) continue;
        if (!any || x[i] > most) most = x[i];
        any = 1;
        values[i] = most;
        hana_bit_set(bits, i);
    }
}

static hana_status run_cumulate(hana_column **out, const hana_term *term,
                                const hana_column *const *args,
                                const hana_program *program, hana_error *err)
{
    hana_window w;
    void *values;
    uint8_t *bits;
    hana_column *column;
    HANA_TRY(hana_window_open(&w, term, args[0], program, err));
    HANA_TRY(hana_window_column(&column, &values, &bits, term->type, program->rows, err));
    memcpy(column->zone, term->zone, sizeof term->zone);
    hana_status status = HANA_OK;
    for (size_t g = 0; g < program->groups && status == HANA_OK; g++) {
        if (term->type == HANA_FLOAT)
            cumulate_floats(&w, g, values, bits);
        else if (term->type == HANA_DATE)
            cumulate_codes(&w, g, values, bits);
        else
            status = cumulate_ints(&w, g, values, bits, err);
    }
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    hana_column_count_nulls(column);
    *out = column;
    return HANA_OK;
}

static hana_status run_row_number(hana_column **out, const hana_term *term,
                                  const hana_column *const *args,
                                  const hana_program *program, hana_error *err)
{
    (void)args;
    hana_window w;
    void *values;
    hana_column *column;
    HANA_TRY(hana_window_open(&w, term, NULL, program, err));
    HANA_TRY(hana_column_make(&column, HANA_INT, program->rows, err));
    hana_status status =
        hana_column_room(&values, column, program->rows, sizeof(int64_t), err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    for (size_t g = 0; g < program->groups; g++)
        for (size_t k = hana_window_first(&w, g); k < hana_window_end(&w, g); k++)
            ((int64_t *)values)[hana_window_row(&w, k)] =
                (int64_t)(k - hana_window_first(&w, g)) + 1;
    *out = column;
    return HANA_OK;
}

/* The rows sorted by group, then by value. */
static hana_status sorted_rows(size_t **rows, const hana_window *w, hana_error *err)
{
    const size_t *group = w->program->group_of_row;
    size_t n = w->program->rows;
    hana_column *groups = NULL;
    if (group) {
        int64_t *numbers = hana_alloc(n, sizeof *numbers);
        if (!numbers) return hana_fail_memory(err);
        for (size_t i = 0; i < n; i++) numbers[i] = (int64_t)group[i];
        hana_status status = hana_column_from_ints(&groups, numbers, NULL, n, err);
        hana_free(numbers);
        HANA_TRY(status);
    }
    const char *labels[2] = { "x", "group" };
    const hana_column *columns[2] = { w->x, groups };
    const int ascending[2] = { 0, 0 };
    hana_frame *frame = NULL;
    hana_names keys = { 0 };
    hana_status status = hana_frame_new(&frame, labels, columns, group ? 2 : 1, n, err);
    if (status == HANA_OK && group) status = hana_names_add(&keys, "group", err);
    if (status == HANA_OK) status = hana_names_add(&keys, "x", err);
    if (status == HANA_OK)
        status = hana_frame_order(rows, frame, &keys, ascending, w->program->job, err);
    hana_names_clear(&keys);
    hana_frame_release(frame);
    hana_column_release(groups);
    return status;
}

/* Equal values share the mean of their places. */
static hana_status run_rank(hana_column **out, const hana_term *term,
                            const hana_column *const *args, const hana_program *program,
                            hana_error *err)
{
    hana_window w;
    void *values;
    uint8_t *bits;
    hana_column *column;
    size_t *rows;
    HANA_TRY(hana_window_open(&w, term, args[0], program, err));
    HANA_TRY(sorted_rows(&rows, &w, err));
    hana_status status =
        hana_window_column(&column, &values, &bits, HANA_FLOAT, program->rows, err);
    if (status != HANA_OK) {
        hana_free(rows);
        return status;
    }
    const size_t *group = program->group_of_row;
    size_t n = program->rows, begin = 0;
    for (size_t k = 0, polls = 0; status == HANA_OK && k < n;) {
        size_t i = rows[k], end = k + 1;
        status = hana_poll(polls++, err);
        if (k > 0 && group && group[i] != group[rows[k - 1]]) begin = k;
        if (hana_column_is_null(w.x, i)) {
            k++;
            continue;
        }
        while (end < n && (!group || group[rows[end]] == group[i]) &&
               !hana_column_is_null(w.x, rows[end]) &&
               hana_cells_order(w.x, rows[end], i) == 0)
            end++;
        double place = ((double)(k - begin) + (double)(end - 1 - begin)) / 2 + 1;
        for (; k < end; k++) {
            ((double *)values)[rows[k]] = place;
            hana_bit_set(bits, rows[k]);
        }
    }
    hana_free(rows);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    hana_column_count_nulls(column);
    *out = column;
    return HANA_OK;
}

/* Checking. */

static hana_status window_term(hana_term **out, hana_call *call, hana_type type,
                               hana_whole_kernel *run, size_t n_args, hana_error *err)
{
    HANA_TRY(hana_term_aggregate(out, call, type, run, n_args, err));
    (*out)->kind = HANA_TERM_WINDOW;
    (*out)->by_order = 1;
    (*out)->level = HANA_LEVEL_ROW;
    return HANA_OK;
}

static hana_status want_value(const hana_call *call, const hana_term *arg,
                              hana_error *err)
{
    if (!arg->untyped) return HANA_OK;
    return hana_term_fail(call->program, arg, err, HANA_BAD_TYPE,
                          "%s of nil means nothing", call->function->info.name);
}

static hana_status want_distance(int64_t *out, hana_call *call, int64_t least,
                                 hana_error *err)
{
    *out = 1;
    if (call->n_args < 2) return HANA_OK;
    HANA_TRY(
        hana_want_whole(out, call->program, call->args[1], "the number of rows", err));
    if (*out < least)
        return hana_term_fail(call->program, call->args[1], err, HANA_BAD_ARGUMENT,
                              "the number of rows is at least %lld", (long long)least);
    return HANA_OK;
}

static hana_status check_shift(hana_term **out, hana_call *call, hana_error *err)
{
    int64_t by;
    HANA_TRY(want_value(call, call->args[0], err));
    HANA_TRY(want_distance(&by, call, 0, err));
    HANA_TRY(window_term(out, call, call->args[0]->type, run_shift, 1, err));
    hana_term_like(*out, call->args[0]);
    (*out)->number = call->function->op < 0 ? -by : by;
    return HANA_OK;
}

static hana_status check_fill(hana_term **out, hana_call *call, hana_error *err)
{
    int64_t most = INT64_MAX;
    HANA_TRY(want_value(call, call->args[0], err));
    if (call->n_args == 2) HANA_TRY(want_distance(&most, call, 1, err));
    HANA_TRY(window_term(out, call, call->args[0]->type, run_fill, 1, err));
    hana_term_like(*out, call->args[0]);
    (*out)->number = call->function->op < 0 ? -most : most;
    return HANA_OK;
}

static hana_status want_ordered(const hana_call *call, hana_term *arg, hana_error *err)
{
    HANA_TRY(want_value(call, arg, err));
    if (arg->type == HANA_DATE || arg->type == HANA_DATETIME) return HANA_OK;
    return hana_want_number(call->program, arg, call->function->info.name, err);
}

static hana_status check_diff(hana_term **out, hana_call *call, hana_error *err)
{
    int64_t by;
    hana_term *arg = call->args[0];
    HANA_TRY(want_ordered(call, arg, err));
    HANA_TRY(want_distance(&by, call, 1, err));
    int whole = arg->type == HANA_INT || arg->type == HANA_DATE;
    HANA_TRY(window_term(out, call, whole ? HANA_INT : HANA_FLOAT, run_diff, 1, err));
    (*out)->number = by;
    return HANA_OK;
}

static hana_status check_cumulate(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    hana_term **arg = &call->args[0];
    int greatest = call->function->op;
    HANA_TRY(want_value(call, *arg, err));
    if (greatest) {
        HANA_TRY(want_ordered(call, *arg, err));
    } else {
        HANA_TRY(hana_term_count_true(arg, program, err));
        HANA_TRY(hana_want_number(program, *arg, "cumsum", err));
    }
    HANA_TRY(window_term(out, call, (*arg)->type, run_cumulate, 1, err));
    hana_term_like(*out, *arg);
    return HANA_OK;
}

static hana_status check_rank(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(want_value(call, call->args[0], err));
    return window_term(out, call, HANA_FLOAT, run_rank, 1, err);
}

static hana_status check_row_number(hana_term **out, hana_call *call, hana_error *err)
{
    return window_term(out, call, HANA_INT, run_row_number, 0, err);
}

static hana_status check_rolling_mean(hana_term **out, hana_call *call, hana_error *err)
{
    int64_t width;
    HANA_TRY(want_value(call, call->args[0], err));
    HANA_TRY(hana_term_count_true(&call->args[0], call->program, err));
    HANA_TRY(hana_want_number(call->program, call->args[0], "rolling_mean", err));
    HANA_TRY(hana_term_convert(&call->args[0], call->program, HANA_FLOAT, err));
    HANA_TRY(want_distance(&width, call, 1, err));
    HANA_TRY(window_term(out, call, HANA_FLOAT, hana_run_rolling_mean, 1, err));
    (*out)->number = width;
    return HANA_OK;
}

#define WINDOW(name, arguments, help, min, max, check, op)                               \
    {                                                                                    \
        { name, arguments, help }, min, max, HANA_FUNCTION_WINDOW, check, op, 0          \
    }

const hana_function hana_functions_window[] = {
    WINDOW("lag", "x [, n]", "the value n rows before (1), null where there is none", 1,
           2, check_shift, 1),
    WINDOW("lead", "x [, n]", "the value n rows after (1), null where there is none", 1,
           2, check_shift, -1),
    WINDOW("fill_forward", "x [, n]",
           "x, its nulls replaced by the last value before them, n in a row at most", 1,
           2, check_fill, 1),
    WINDOW("fill_backward", "x [, n]",
           "x, its nulls replaced by the next value after them, n in a row at most", 1, 2,
           check_fill, -1),
    WINDOW("diff", "x [, n]", "x less the value n rows before (1)", 1, 2, check_diff, 0),
    WINDOW("cumsum", "x",
           "sum of the rows so far, of bools how many are true; nulls stay null and are "
           "left out",
           1, 1, check_cumulate, 0),
    WINDOW("cummax", "x", "greatest of the rows so far; nulls stay null and are left out",
           1, 1, check_cumulate, 1),
    WINDOW("rank", "x", "place in ascending order; equals share the mean of their places",
           1, 1, check_rank, 0),
    WINDOW("row_number", "", "number of the row, from 1", 0, 0, check_row_number, 0),
    WINDOW("rolling_mean", "x, n",
           "mean of the last n rows, null for the first n - 1 and where one "
           "of them is null",
           2, 2, check_rolling_mean, 0),
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};

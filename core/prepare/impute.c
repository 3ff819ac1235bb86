#include "base/weighted.h"
#include "learn/step_columns.h"

#include <math.h>
#include <string.h>

/* Puts a value learned from the training rows where one is missing. */

enum { MEAN, MEDIAN, MODE, CONSTANT };
static const char *const strategies[] = { "mean", "median", "mode", "constant", NULL };

typedef struct options {
    hana_columns columns;
    int strategy;
    hana_value value;
} options;

static const options defaults = { .strategy = MEDIAN };

static const hana_option rows[] = {
    HANA_OPTION_COLUMNS(
        options, columns,
        .help = "the columns; default: the numbers (mean, median), all (mode), "
                "those of the value's type (constant)"),
    HANA_OPTION_CHOICE(options, strategy, .choices = strategies,
                       .help = "what is put in"),
    HANA_OPTION_ANY(options, value,
                    .help = "a number or text for strategy = \"constant\""),
};

/* What is put into one column: a number, or a text. */
typedef struct filling {
    double number;
    char *text;
    int to_float; /* an int column whose filling is none becomes float */
} filling;

typedef struct state {
    hana_names names;
    filling *fill;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    for (size_t j = 0; s->fill && j < s->names.n; j++) hana_free(s->fill[j].text);
    hana_free(s->fill);
    hana_names_clear(&s->names);
}

static int is_text(const hana_column *column)
{
    return (HANA_TYPES_TEXT >> hana_column_type(column) & 1) != 0;
}

static unsigned types_for(const options *o)
{
    unsigned without_blocks = HANA_TYPES_ANY & ~(unsigned)(1 << HANA_BLOCK);
    if (o->strategy == MEAN || o->strategy == MEDIAN) return HANA_TYPES_NUMBER;
    if (o->strategy == MODE) return without_blocks;
    return o->value.kind == HANA_VALUE_STRING
               ? HANA_TYPES_TEXT
               : HANA_TYPES_NUMBER | 1 << HANA_BOOL | 1 << HANA_DATE | 1 << HANA_DATETIME;
}

static hana_status check(const void *given, hana_error *err)
{
    const options *o = given;
    double number;
    if (o->strategy != CONSTANT) {
        if (o->value.kind != HANA_VALUE_NULL)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "impute: option 'value' goes with strategy = \"constant\"");
        return HANA_OK;
    }
    if (o->value.kind != HANA_VALUE_STRING && o->value.kind != HANA_VALUE_BOOL &&
        !hana_value_as_number(&o->value, &number))
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "impute: strategy = \"constant\" needs option 'value', a number or text");
    return HANA_OK;
}

static hana_status learn_number(filling *out, int strategy, const hana_column *column,
                                const char *name, const double *weights, hana_error *err)
{
    size_t n = hana_column_length(column), m = 0;
    hana_weighted *values = hana_alloc(n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    double total = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        double x = hana_column_number(column, i), w = weights ? weights[i] : 1;
        if (isnan(x) || w == 0) continue;
        values[m++] = (hana_weighted){ .value = x, .weight = w };
        total += w;
        sum += w * x;
    }
    hana_status status = HANA_OK;
    if (m == 0)
        status = hana_fail(err, HANA_BAD_DATA,
                           "impute: column '%s' has no value to learn from", name);
    if (status == HANA_OK && strategy != MEAN) hana_weighted_sort(values, m);
    if (status == HANA_OK)
        out->number = strategy == MEAN     ? sum / total
                      : strategy == MEDIAN ? hana_weighted_median(values, m)
                                           : hana_weighted_mode(values, m);
    hana_free(values);
    return status;
}

/* The most frequent text, the first in byte order of equals. */
static hana_status learn_text(filling *out, const hana_column *column, const char *name,
                              const double *weights, hana_error *err)
{
    const hana_column *category;
    HANA_TRY(hana_column_as_category(&category, column, 1, err));
    const hana_column *levels = hana_column_levels(category);
    const int32_t *codes = hana_column_codes(category);
    size_t k = hana_column_length(levels), n = hana_column_length(column), best = k;
    double *mass = hana_alloc_zero(k, sizeof *mass);
    hana_status status = mass ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; mass && i < n; i++)
        if (!hana_column_is_null(category, i)) mass[codes[i]] += weights ? weights[i] : 1;
    for (size_t c = 0; mass && c < k; c++)
        if (mass[c] > 0 && (best == k || mass[c] > mass[best])) best = c;
    if (status == HANA_OK && best == k)
        status = hana_fail(err, HANA_BAD_DATA,
                           "impute: column '%s' has no value to learn from", name);
    if (status == HANA_OK) {
        size_t length;
        const char *text = hana_column_string(levels, best, &length);
        out->text = hana_strndup(text, length);
        if (!out->text) status = hana_fail_memory(err);
    }
    hana_free(mass);
    hana_column_release(category);
    return status;
}

static hana_status learn(filling *out, const options *o, const hana_column *column,
                         const char *name, const double *weights, hana_error *err)
{
    if (o->strategy == CONSTANT && o->value.kind == HANA_VALUE_STRING) {
        out->text = hana_strndup(o->value.as.string.data, o->value.as.string.length);
        return out->text ? HANA_OK : hana_fail_memory(err);
    }
    if (o->strategy == CONSTANT && o->value.kind == HANA_VALUE_BOOL)
        out->number = o->value.as.boolean;
    else if (o->strategy == CONSTANT)
        hana_value_as_number(&o->value, &out->number);
    else if (is_text(column))
        return learn_text(out, column, name, weights, err);
    else
        HANA_TRY(learn_number(out, o->strategy, column, name, weights, err));
    out->to_float =
        hana_column_type(column) == HANA_INT && out->number != floor(out->number);
    return HANA_OK;
}

static hana_status fit(void *pointer, const void *given, const hana_task *task,
                       hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = given;
    HANA_TRY(
        hana_step_columns(&s->names, &o->columns, task, "impute", types_for(o), err));
    s->fill = hana_alloc_zero(s->names.n, sizeof *s->fill);
    if (!s->fill) return hana_fail_memory(err);
    for (size_t j = 0; j < s->names.n; j++) {
        const hana_column *column;
        HANA_TRY(hana_job_check(job, err));
        HANA_TRY(hana_frame_get(&column, task->frame, s->names.items[j], err));
        HANA_TRY(learn(&s->fill[j], o, column, s->names.items[j], task->weights, err));
    }
    return HANA_OK;
}

static int has_missing(const hana_column *column)
{
    if (hana_column_nulls(column)) return 1;
    if (hana_column_type(column) != HANA_FLOAT) return 0;
    const double *x = hana_column_floats(column);
    for (size_t i = 0; i < hana_column_length(column); i++)
        if (isnan(x[i])) return 1;
    return 0;
}

static hana_status fill_floats(hana_column **out, const hana_column *column,
                               double number, hana_error *err)
{
    size_t n = hana_column_length(column);
    double *values = hana_alloc(n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        double x = hana_column_number(column, i);
        values[i] = isnan(x) ? number : x;
    }
    hana_status status = hana_column_from_floats(out, values, NULL, n, err);
    hana_free(values);
    return status;
}

/* Text, keeping a category a category with its levels (and one more where needed). */
static hana_status fill_text(hana_builder *builder, const hana_column *column,
                             const char *text, hana_error *err)
{
    size_t n = hana_column_length(column), length = strlen(text);
    if (hana_column_type(column) == HANA_STRING) {
        for (size_t i = 0; i < n; i++) {
            size_t own;
            const char *cell = hana_column_string(column, i, &own);
            int null = hana_column_is_null(column, i);
            HANA_TRY(hana_builder_string(builder, null ? text : cell, null ? length : own,
                                         err));
        }
        return HANA_OK;
    }
    const hana_column *levels = hana_column_levels(column);
    ptrdiff_t code = hana_column_find_string(levels, text, length);
    hana_column *extended = NULL;
    if (code < 0) {
        hana_column *one;
        const char *const only[] = { text };
        code = (ptrdiff_t)hana_column_length(levels);
        HANA_TRY(hana_column_from_strings(&one, only, 1, err));
        const hana_column *both[] = { levels, one };
        hana_status status = hana_column_concat(&extended, both, 2, err);
        hana_column_release(one);
        HANA_TRY(status);
    }
    hana_status status = hana_builder_levels(builder, extended ? extended : levels,
                                             hana_column_ordered(column), err);
    hana_column_release(extended);
    const int32_t *codes = hana_column_codes(column);
    for (size_t i = 0; status == HANA_OK && i < n; i++)
        status = hana_builder_int(builder,
                                  hana_column_is_null(column, i) ? code : codes[i], err);
    return status;
}

static hana_status fill_integers(hana_builder *builder, const hana_column *column,
                                 double number, hana_error *err)
{
    size_t n = hana_column_length(column);
    const int64_t *ints = hana_column_ints(column);
    const int32_t *days = hana_column_codes(column);
    const uint8_t *bits = hana_column_bits(column);
    for (size_t i = 0; i < n; i++) {
        int64_t own = ints ? ints[i] : days ? days[i] : hana_bit(bits, i);
        int64_t value = hana_column_is_null(column, i) ? (int64_t)number : own;
        HANA_TRY(hana_builder_int(builder, value, err));
    }
    return HANA_OK;
}

static hana_status filled(hana_column **out, const hana_column *column, const filling *f,
                          hana_error *err)
{
    hana_type type = hana_column_type(column);
    if (type == HANA_FLOAT || (type == HANA_INT && f->to_float))
        return fill_floats(out, column, f->number, err);
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, type, hana_column_length(column), err));
    if (type == HANA_DATETIME) hana_builder_zone(builder, hana_column_zone(column));
    hana_status status = f->text ? fill_text(builder, column, f->text, err)
                                 : fill_integers(builder, column, f->number, err);
    if (status == HANA_OK) status = hana_builder_take(out, builder, err);
    hana_builder_free(builder);
    return status;
}

static hana_status transform(const void *pointer, const void *given, const hana_frame *in,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    (void)given;
    const state *s = pointer;
    hana_frame_edit edit;
    HANA_TRY(hana_frame_edit_begin(&edit, in, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; status == HANA_OK && j < s->names.n; j++) {
        const hana_column *column;
        hana_column *made = NULL;
        status = hana_job_check(job, err);
        unsigned types = s->fill[j].text ? HANA_TYPES_TEXT
                                         : HANA_TYPES_ANY & ~(unsigned)HANA_TYPES_TEXT &
                                               ~(unsigned)(1 << HANA_BLOCK);
        if (status == HANA_OK)
            status =
                hana_step_column(&column, in, s->names.items[j], "impute", types, err);
        if (status != HANA_OK || (!has_missing(column) && !s->fill[j].to_float)) continue;
        status = filled(&made, column, &s->fill[j], err);
        if (status == HANA_OK)
            status = hana_frame_edit_replace(&edit, s->names.items[j], made, err);
    }
    if (status == HANA_OK) status = hana_frame_edit_finish(out, &edit, err);
    hana_frame_edit_clear(&edit);
    return status;
}

static hana_status export(const void *pointer, const void *given, hana_export *out,
                          hana_error *err)
{
    (void)given;
    const state *s = pointer;
    for (size_t j = 0; j < s->names.n; j++) {
        hana_export_op *op;
        HANA_TRY(hana_export_add(&op, out, HANA_EXPORT_IMPUTE, s->names.items[j], err));
        op->a = s->fill[j].number;
        if (!s->fill[j].text) continue;
        op->text = hana_strdup(s->fill[j].text);
        if (!op->text) return hana_fail_memory(err);
    }
    return HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + s->names.n * (sizeof(char *) + sizeof *s->fill);
}

static hana_status put_fill(hana_writer *writer, const void *items, size_t j,
                            hana_error *err)
{
    const filling *fill = (const filling *)items + j;
    HANA_TRY(hana_put_string(writer, "text", fill->text, err));
    HANA_TRY(hana_put_number(writer, "number", fill->number, err));
    return hana_put_int(writer, "to_float", fill->to_float, err);
}

static hana_status save(const void *pointer, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)job;
    const state *s = pointer;
    HANA_TRY(hana_put_names(writer, "names", &s->names, err));
    return hana_put_each(writer, "fill", &s->names, put_fill, s->fill, err);
}

static hana_status get_fill(hana_reader *reader, void *items, size_t j, hana_error *err)
{
    filling *fill = (filling *)items + j;
    int64_t to_float;
    HANA_TRY(hana_get_string(reader, "text", &fill->text, err));
    HANA_TRY(hana_get_number(reader, "number", &fill->number, err));
    HANA_TRY(hana_get_int(reader, "to_float", &to_float, err));
    fill->to_float = to_float != 0;
    return HANA_OK;
}

static hana_status load(void *pointer, hana_reader *reader, hana_job *job,
                        hana_error *err)
{
    (void)job;
    state *s = pointer;
    HANA_TRY(hana_get_names(reader, "names", &s->names, err));
    s->fill = hana_alloc_zero(s->names.n, sizeof *s->fill);
    if (!s->fill) return hana_fail_memory(err);
    return hana_get_each(reader, "fill", &s->names, get_fill, s->fill, err);
}

const hana_step hana_step_impute = { .part = { .name = "impute",
                                               .help =
                                                   "Fills missing values with the mean, "
                                                   "median or mode of the training rows, "
                                                   "or a constant.",
                                               .kind = HANA_PART_STEP,
                                               .version = 1,
                                               .options = { .size = sizeof(options),
                                                            .defaults = &defaults,
                                                            HANA_ROWS(rows) } },
                                     .state_size = sizeof(state),
                                     .fit = fit,
                                     .transform = transform,
                                     .export = export,
                                     .bytes = bytes,
                                     .save = save,
                                     .load = load,
                                     .clear = clear,
                                     .check = check };

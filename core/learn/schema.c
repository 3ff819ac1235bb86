#include "learn/schema.h"

#include "base/text.h"
#include "base/time.h"
#include "learn/design.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void hana_schema_clear(hana_schema *schema)
{
    for (size_t i = 0; i < schema->n; i++) {
        hana_free(schema->columns[i].name);
        hana_column_release(schema->columns[i].levels);
        hana_column_release(schema->columns[i].block_names);
    }
    hana_free(schema->columns);
    *schema = (hana_schema){ 0 };
}

static int is_text(hana_type type)
{
    return type == HANA_STRING || type == HANA_CATEGORY;
}

static int is_ranged(hana_type type)
{
    return type == HANA_FLOAT || type == HANA_INT || type == HANA_DATE ||
           type == HANA_DATETIME;
}

/* Minimum, quartiles and maximum of the finite values: R's type 7. */
static hana_status learn_range(hana_schema_column *out, const hana_column *column,
                               hana_error *err)
{
    size_t n = hana_column_length(column), m = 0;
    double *values = hana_alloc(n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        double x = hana_column_number(column, i);
        if (isfinite(x)) values[m++] = x;
    }
    out->has_range = m > 0;
    /* Selection, not sorting: what is left of `from` is in its place. */
    size_t from = 0;
    for (int q = 0; m && q < HANA_N_QUANTILES; q++) {
        double at = (double)(m - 1) * q / (HANA_N_QUANTILES - 1);
        size_t low = (size_t)at, high = low + 1 < m ? low + 1 : low;
        if (low >= from) gsl_stats_select(values + from, 1, m - from, low - from);
        if (low >= from) from = low + 1;
        if (high >= from) gsl_stats_select(values + from, 1, m - from, high - from);
        if (high >= from) from = high + 1;
        out->quantiles[q] =
            values[low] + (at - (double)low) * (values[high] - values[low]);
    }
    hana_free(values);
    return HANA_OK;
}

static hana_status learn_column(hana_schema_column *out, const char *name,
                                const hana_column *column, hana_error *err)
{
    out->name = hana_strdup(name);
    if (!out->name) return hana_fail_memory(err);
    out->type = hana_column_type(column);
    out->nulls = hana_column_nulls(column);
    if (is_ranged(out->type)) return learn_range(out, column, err);
    hana_block_view block;
    if (hana_column_block(column, &block))
        out->block_names = hana_column_retain(block.names);
    if (!is_text(out->type)) return HANA_OK;
    hana_column *text = NULL, *unique = NULL;
    if (out->type == HANA_CATEGORY)
        HANA_TRY(hana_column_cast(&text, column, HANA_STRING, NULL, err));
    hana_status status = hana_column_unique(&unique, text ? text : column, err);
    hana_column_release(text);
    if (status != HANA_OK) return status;
    if (hana_column_length(unique) <= HANA_MOST_TEXT_LEVELS)
        out->levels = unique;
    else
        hana_column_release(unique);
    return HANA_OK;
}

hana_status hana_schema_learn(hana_schema *out, const hana_frame *frame,
                              const hana_names *features, hana_error *err)
{
    hana_schema made = { .columns = hana_alloc_zero(features->n, sizeof *made.columns) };
    hana_status status = made.columns ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < features->n; i++) {
        const hana_column *column;
        status = hana_frame_get(&column, frame, features->items[i], err);
        made.n++;
        if (status == HANA_OK)
            status = learn_column(&made.columns[i], features->items[i], column, err);
    }
    if (status == HANA_OK)
        *out = made;
    else
        hana_schema_clear(&made);
    return status;
}

/* Six significant digits, which are enough to tell what is outside. */
static double shorten(double x)
{
    if (x == 0 || !isfinite(x)) return x;
    double unit = pow(10, 5 - floor(log10(fabs(x))));
    return isfinite(unit) && unit > 0 ? round(x * unit) / unit : x;
}

/* A value of the column's type as people read it. */
static void print_bound(hana_text *out, hana_type type, double x)
{
    char text[64];
    if (type == HANA_DATE)
        hana_print_date(text, (int32_t)x);
    else if (type == HANA_DATETIME)
        hana_print_datetime(text, (int64_t)x, NULL);
    else
        hana_print_double(text, shorten(x), 0);
    hana_text_puts(out, text);
}

/* Types that may stand for each other at prediction. */
static int stands_for(hana_type type, hana_type wanted)
{
    if (type == wanted) return 1;
    if (is_text(type) && is_text(wanted)) return 1;
    return (type == HANA_INT && wanted == HANA_FLOAT) ||
           (type == HANA_FLOAT && wanted == HANA_INT);
}

static hana_status clip(hana_column **out, const hana_schema_column *c,
                        const hana_column *column, hana_error *err)
{
    size_t n = hana_column_length(column);
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, hana_column_type(column), n, err));
    if (hana_column_type(column) == HANA_DATETIME)
        hana_builder_zone(builder, hana_column_zone(column));
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        double x = hana_column_number(column, i);
        if (hana_column_is_null(column, i)) {
            status = hana_builder_null(builder, err);
            continue;
        }
        double low = c->quantiles[0], high = c->quantiles[HANA_N_QUANTILES - 1];
        double y = x < low ? low : x > high ? high : x;
        status = hana_column_type(column) == HANA_FLOAT
                     ? hana_builder_float(builder, y, err)
                     : hana_builder_int(builder, (int64_t)y, err);
    }
    if (status == HANA_OK) status = hana_builder_take(out, builder, err);
    hana_builder_free(builder);
    return status;
}

/* Counts what is outside and describes it; replaces *column when clipping. */
static hana_status check_range(const hana_column **column, hana_text *outside,
                               const hana_schema_column *c, hana_out_of_range policy,
                               hana_error *err)
{
    size_t n = hana_column_length(*column), count = 0;
    double low = c->quantiles[0], high = c->quantiles[HANA_N_QUANTILES - 1];
    for (size_t i = 0; i < n; i++) {
        double x = hana_column_number(*column, i);
        count += x < low || x > high;
    }
    if (count == 0) return HANA_OK;
    if (policy == HANA_RANGE_CLIP) {
        hana_column *clipped;
        HANA_TRY(clip(&clipped, c, *column, err));
        hana_column_release(*column);
        *column = clipped;
        return HANA_OK;
    }
    hana_text_printf(outside, "%s'%s' (%zu of %zu rows outside ",
                     outside->length ? ", " : "", c->name, count, n);
    print_bound(outside, c->type, low);
    hana_text_puts(outside, " to ");
    print_bound(outside, c->type, high);
    hana_text_puts(outside, ")");
    return outside->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status fail_missing(const hana_schema *schema, const hana_frame *frame,
                                hana_error *err)
{
    hana_text list = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < schema->n; i++)
        if (hana_frame_find(frame, schema->columns[i].name) < 0)
            hana_text_printf(&list, "%s'%s'", n++ ? ", " : "", schema->columns[i].name);
    if (n == 0) return HANA_OK;
    hana_status status = hana_fail(
        err, HANA_NO_SUCH_NAME, "the data lacks %s that the model was fitted with: %s",
        n == 1 ? "a column" : "columns", list.data ? list.data : "");
    hana_text_clear(&list);
    return status;
}

hana_status hana_schema_admit(hana_frame **out, const hana_schema *schema,
                              hana_out_of_range policy, const hana_frame *frame,
                              hana_job *job, hana_error *err)
{
    HANA_TRY(fail_missing(schema, frame, err));
    const hana_column **columns = hana_alloc_zero(schema->n, sizeof *columns);
    const char **names = hana_alloc_zero(schema->n, sizeof *names);
    hana_text outside = { 0 };
    hana_status status = columns && names ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < schema->n; i++) {
        const hana_schema_column *c = &schema->columns[i];
        const hana_column *column =
            hana_frame_column(frame, (size_t)hana_frame_find(frame, c->name));
        names[i] = c->name;
        columns[i] = hana_column_retain(column);
        hana_type type = hana_column_type(column);
        if (!stands_for(type, c->type))
            status = hana_fail(err, HANA_BAD_TYPE,
                               "column '%s' is %s, and was %s when the model was fitted",
                               c->name, hana_type_name(type), hana_type_name(c->type));
        else if (c->has_range && policy != HANA_RANGE_IGNORE)
            status = check_range(&columns[i], &outside, c, policy, err);
    }
    if (status == HANA_OK && outside.length && policy == HANA_RANGE_ERROR)
        status = hana_fail(err, HANA_BAD_DATA, "values outside the training range: %s",
                           outside.data);
    if (status == HANA_OK && outside.length && policy == HANA_RANGE_WARN)
        hana_job_warn(job, "values outside the training range: %s", outside.data);
    hana_frame *made = NULL;
    if (status == HANA_OK)
        status =
            hana_frame_new(&made, names, columns, schema->n, hana_frame_rows(frame), err);
    if (status == HANA_OK) {
        status = hana_frame_with_ids_of(out, made, frame, err);
        hana_frame_release(made);
    }
    for (size_t i = 0; columns && i < schema->n; i++) hana_column_release(columns[i]);
    hana_free(columns);
    hana_free(names);
    hana_text_clear(&outside);
    return status;
}

enum { PROBE_ROWS = 7 };

static hana_status probe_block(hana_column **out, const hana_column *names,
                               hana_error *err)
{
    hana_matrix zeros;
    HANA_TRY(hana_matrix_new(&zeros, PROBE_ROWS, hana_column_length(names), err));
    hana_status status = hana_column_from_matrix(out, &zeros, names, err);
    hana_matrix_clear(&zeros);
    return status;
}

static hana_status probe_cell(hana_builder *builder, const hana_schema_column *c,
                              size_t column, size_t row, hana_error *err)
{
    if (is_ranged(c->type)) {
        /* Different columns walk the quantiles at different paces, so that rows are not
         * all alike. */
        size_t step = 1 + column % 3, q = (row * step + column) % HANA_N_QUANTILES;
        if (!c->has_range) return hana_builder_null(builder, err);
        return c->type == HANA_FLOAT
                   ? hana_builder_float(builder, c->quantiles[q], err)
                   : hana_builder_int(builder, (int64_t)c->quantiles[q], err);
    }
    if (c->type == HANA_BOOL)
        return hana_builder_int(builder, (int64_t)((row + column) & 1), err);
    size_t n = c->levels ? hana_column_length(c->levels) : 0, length = 0;
    if (c->levels && n == 0) return hana_builder_null(builder, err);
    const char *text =
        n ? hana_column_string(c->levels, (row + column) % n, &length) : "";
    return hana_builder_string(builder, text, length, err);
}

static hana_status probe_column(const hana_column **out, const hana_schema_column *c,
                                size_t j, hana_error *err)
{
    hana_column *made = NULL;
    if (c->type == HANA_BLOCK) {
        HANA_TRY(probe_block(&made, c->block_names, err));
        *out = made;
        return HANA_OK;
    }
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, c->type == HANA_CATEGORY ? HANA_STRING : c->type,
                              PROBE_ROWS, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < PROBE_ROWS; i++)
        status = probe_cell(builder, c, j, i, err);
    if (status == HANA_OK) status = hana_builder_take(&made, builder, err);
    hana_builder_free(builder);
    if (status == HANA_OK) *out = made;
    return status;
}

hana_status hana_schema_probe(hana_frame **out, const hana_schema *schema,
                              hana_error *err)
{
    const hana_column **columns = hana_alloc_zero(schema->n, sizeof *columns);
    const char **names = hana_alloc_zero(schema->n, sizeof *names);
    hana_status status = columns && names ? HANA_OK : hana_fail_memory(err);
    for (size_t j = 0; status == HANA_OK && j < schema->n; j++) {
        names[j] = schema->columns[j].name;
        status = probe_column(&columns[j], &schema->columns[j], j, err);
    }
    if (status == HANA_OK)
        status = hana_frame_new(out, names, columns, schema->n, PROBE_ROWS, err);
    for (size_t j = 0; columns && j < schema->n; j++) hana_column_release(columns[j]);
    hana_free(columns);
    hana_free(names);
    return status;
}

static hana_status put_text(hana_value *map, const char *key, const char *text,
                            size_t length, hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, length, err));
    return hana_value_set(map, key, value, err);
}

static hana_status put_bound(hana_value *map, const char *key, hana_type type, double x,
                             hana_error *err)
{
    if (type == HANA_FLOAT) return hana_value_set(map, key, hana_value_number(x), err);
    if (type == HANA_INT)
        return hana_value_set(map, key, hana_value_int((int64_t)x), err);
    hana_text text = { 0 };
    print_bound(&text, type, x);
    hana_status status = text.failed ? hana_fail_memory(err)
                                     : put_text(map, key, text.data, text.length, err);
    hana_text_clear(&text);
    return status;
}

static hana_status describe(hana_value *map, const hana_schema_column *c, hana_error *err)
{
    const char *type = hana_type_name(c->type);
    HANA_TRY(put_text(map, "name", c->name, strlen(c->name), err));
    HANA_TRY(put_text(map, "type", type, strlen(type), err));
    HANA_TRY(hana_value_set(map, "nulls", hana_value_int((int64_t)c->nulls), err));
    if (c->has_range) {
        HANA_TRY(put_bound(map, "min", c->type, c->quantiles[0], err));
        HANA_TRY(put_bound(map, "median", c->type, c->quantiles[2], err));
        HANA_TRY(put_bound(map, "max", c->type, c->quantiles[HANA_N_QUANTILES - 1], err));
    }
    if (!c->levels) return HANA_OK;
    hana_value levels = { 0 };
    HANA_TRY(hana_value_new_list(&levels, err));
    hana_status status = HANA_OK;
    for (size_t k = 0; status == HANA_OK && k < hana_column_length(c->levels); k++) {
        hana_value level = { 0 };
        size_t length;
        const char *text = hana_column_string(c->levels, k, &length);
        status = hana_value_string(&level, text, length, err);
        if (status == HANA_OK) status = hana_value_push(&levels, level, err);
    }
    if (status == HANA_OK) return hana_value_set(map, "levels", levels, err);
    hana_value_clear(&levels);
    return status;
}

hana_status hana_schema_to_value(hana_value *out, const hana_schema *schema,
                                 hana_error *err)
{
    hana_value list = { 0 };
    HANA_TRY(hana_value_new_list(&list, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < schema->n; i++) {
        hana_value map = { 0 };
        status = hana_value_new_map(&map, err);
        if (status == HANA_OK) status = describe(&map, &schema->columns[i], err);
        if (status == HANA_OK)
            status = hana_value_push(&list, map, err);
        else
            hana_value_clear(&map);
    }
    if (status == HANA_OK)
        *out = list;
    else
        hana_value_clear(&list);
    return status;
}

static hana_status put_column(hana_writer *writer, const void *items, size_t i,
                              hana_error *err)
{
    const hana_schema_column *c = (const hana_schema_column *)items + i;
    HANA_TRY(hana_put_string(writer, "type", hana_type_name(c->type), err));
    HANA_TRY(hana_put_int(writer, "nulls", (int64_t)c->nulls, err));
    HANA_TRY(hana_put_doubles(writer, "quantiles", c->quantiles,
                              c->has_range ? HANA_N_QUANTILES : 0, err));
    HANA_TRY(hana_put_column(writer, "levels", c->levels, err));
    return hana_put_column(writer, "block_names", c->block_names, err);
}

hana_status hana_schema_save(const hana_schema *schema, hana_writer *writer,
                             hana_error *err)
{
    hana_names names = { 0 };
    HANA_TRY(hana_writer_enter(writer, "schema", 1, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < schema->n; i++)
        status = hana_names_add(&names, schema->columns[i].name, err);
    if (status == HANA_OK) status = hana_put_names(writer, "names", &names, err);
    if (status == HANA_OK)
        status =
            hana_put_each(writer, "columns", &names, put_column, schema->columns, err);
    hana_names_clear(&names);
    hana_writer_leave(writer);
    return status;
}

/* The names are there already: hana_schema_load puts them in. */
static hana_status get_column(hana_reader *reader, void *items, size_t i, hana_error *err)
{
    hana_schema_column *c = (hana_schema_column *)items + i;
    char *type = NULL;
    int64_t nulls;
    double *quantiles = NULL;
    size_t n = 0;
    HANA_TRY(hana_get_string(reader, "type", &type, err));
    int sound = type && hana_type_from_name(type, &c->type);
    hana_free(type);
    HANA_TRY(hana_get_int(reader, "nulls", &nulls, err));
    c->nulls = (size_t)nulls;
    HANA_TRY(hana_get_doubles(reader, "quantiles", &quantiles, &n, err));
    c->has_range = n == HANA_N_QUANTILES;
    if (c->has_range) memcpy(c->quantiles, quantiles, sizeof c->quantiles);
    hana_free(quantiles);
    HANA_TRY(hana_get_column(reader, "levels", &c->levels, err));
    HANA_TRY(hana_get_column(reader, "block_names", &c->block_names, err));
    if (c->levels) sound = sound && hana_column_type(c->levels) == HANA_STRING;
    sound = sound && (c->type == HANA_BLOCK) == (c->block_names != NULL);
    if (!sound)
        return hana_fail(err, HANA_BAD_FORMAT, "the model's schema of '%s' is damaged",
                         c->name);
    return HANA_OK;
}

static hana_status load(hana_schema *schema, const hana_names *names, hana_reader *reader,
                        hana_error *err)
{
    schema->columns = hana_alloc_zero(names->n, sizeof *schema->columns);
    if (!schema->columns) return hana_fail_memory(err);
    for (; schema->n < names->n; schema->n++) {
        schema->columns[schema->n].name = hana_strdup(names->items[schema->n]);
        if (!schema->columns[schema->n].name) return hana_fail_memory(err);
    }
    return hana_get_each(reader, "columns", names, get_column, schema->columns, err);
}

hana_status hana_schema_load(hana_schema *out, hana_reader *reader, hana_error *err)
{
    HANA_TRY(hana_reader_enter(reader, "schema", NULL, err));
    hana_schema made = { 0 };
    hana_names names = { 0 };
    hana_status status = hana_get_names(reader, "names", &names, err);
    if (status == HANA_OK) status = load(&made, &names, reader, err);
    hana_names_clear(&names);
    hana_reader_leave(reader);
    if (status == HANA_OK)
        *out = made;
    else
        hana_schema_clear(&made);
    return status;
}

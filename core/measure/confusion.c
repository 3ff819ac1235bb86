#include "measure/metric.h"

#include <math.h>
#include <string.h>

/* Columns on their way into a frame. */
typedef struct columns {
    hana_names names;
    const hana_column **items;
    size_t n, room;
} columns;

static hana_status columns_new(columns *out, size_t room, hana_error *err)
{
    *out = (columns){ .items = hana_alloc_zero(room, sizeof *out->items), .room = room };
    return out->items ? HANA_OK : hana_fail_memory(err);
}

static void columns_clear(columns *c)
{
    for (size_t k = 0; k < c->n; k++) hana_column_release(c->items[k]);
    hana_free(c->items);
    hana_names_clear(&c->names);
}

/* Takes the column over, even on failure. */
static hana_status add(columns *c, const char *name, const hana_column *column,
                       hana_error *err)
{
    c->items[c->n++] = column;
    return hana_names_add(&c->names, name, err);
}

static hana_status add_floats(columns *c, const char *name, const double *values,
                              size_t n, hana_error *err)
{
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, HANA_FLOAT, n, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; i < n && status == HANA_OK; i++)
        status = isnan(values[i]) ? hana_builder_null(builder, err)
                                  : hana_builder_float(builder, values[i], err);
    hana_column *column;
    if (status == HANA_OK) status = hana_builder_take(&column, builder, err);
    hana_builder_free(builder);
    return status == HANA_OK ? add(c, name, column, err) : status;
}

/* Counts, as integers unless weights made them something else. */
static hana_status add_counts(columns *c, const char *name, const double *values,
                              size_t n, int weighted, hana_error *err)
{
    if (weighted) return add_floats(c, name, values, n, err);
    int64_t *counts = hana_alloc(n, sizeof *counts);
    if (!counts) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) counts[i] = (int64_t)values[i];
    hana_column *column;
    hana_status status = hana_column_from_ints(&column, counts, NULL, n, err);
    hana_free(counts);
    return status == HANA_OK ? add(c, name, column, err) : status;
}

static hana_status to_frame(hana_frame **out, const columns *c, hana_error *err)
{
    return hana_frame_new(out, (const char *const *)c->names.items, c->items, c->n, 0,
                          err);
}

static hana_status check(const hana_scored *s, hana_error *err)
{
    if (!s->truth_code || !s->predicted_code || !s->classes)
        return hana_fail(err, HANA_BAD_TYPE, "a confusion is counted of labels");
    for (size_t i = 0; i < s->n; i++)
        if (s->truth_code[i] < 0)
            return hana_fail(err, HANA_BAD_DATA, "the truth of row %zu is missing",
                             i + 1);
    return HANA_OK;
}

static hana_status add_classes(columns *c, const hana_scored *s, const double *counts,
                               double *column, hana_error *err)
{
    size_t k = hana_scored_classes(s);
    hana_text name = { 0 };
    hana_status status = HANA_OK;
    for (size_t p = 0; p < k && status == HANA_OK; p++) {
        for (size_t t = 0; t < k; t++) column[t] = counts[t * k + p];
        name.length = 0;
        hana_column_print_cell(s->classes, p, 1, &name);
        status = name.failed
                     ? hana_fail_memory(err)
                     : add_counts(c, name.data, column, k, s->weights != NULL, err);
    }
    hana_text_clear(&name);
    return status;
}

/* Rows without a prediction, where there are any. */
static hana_status add_abstained(columns *c, const hana_scored *s, double *column,
                                 hana_error *err)
{
    size_t k = hana_scored_classes(s);
    int any = 0;
    memset(column, 0, k * sizeof *column);
    for (size_t i = 0; i < s->n; i++) {
        if (s->predicted_code[i] >= 0) continue;
        any = 1;
        column[s->truth_code[i]] += hana_weight(s, i);
    }
    return any ? add_counts(c, "abstained", column, k, s->weights != NULL, err) : HANA_OK;
}

hana_status hana_confusion(hana_frame **out, const hana_scored *s, hana_error *err)
{
    HANA_TRY(check(s, err));
    size_t k = hana_scored_classes(s);
    columns c = { 0 };
    double *counts = NULL, *column = hana_alloc(k, sizeof *column);
    hana_status status = column ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_confusion_counts(&counts, s, err);
    if (status == HANA_OK) status = columns_new(&c, k + 2, err);
    if (status == HANA_OK) status = add(&c, "truth", hana_column_retain(s->classes), err);
    if (status == HANA_OK) status = add_classes(&c, s, counts, column, err);
    if (status == HANA_OK) status = add_abstained(&c, s, column, err);
    if (status == HANA_OK) status = to_frame(out, &c, err);
    columns_clear(&c);
    hana_free(counts);
    hana_free(column);
    return status;
}

/* The figures of the report, one a row: the classes, then macro and weighted means. */
typedef struct figures {
    double *precision, *recall, *f1, *support;
} figures;

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

/* An undefined figure of a class counts as 0 in the means, as in scikit-learn. */
static void average(double *column, const double *support, const double *seen, size_t k)
{
    double sum = 0, n = 0, weighted = 0, total = 0;
    for (size_t c = 0; c < k; c++) {
        if (!(seen[c] > 0)) continue;
        double value = isnan(column[c]) ? 0 : column[c];
        sum += value;
        n++;
        weighted += support[c] * value;
        total += support[c];
    }
    column[k] = ratio(sum, n);
    column[k + 1] = ratio(weighted, total);
}

static void fill(figures *f, const double *counts, double *seen, size_t k)
{
    double total = 0;
    for (size_t c = 0; c < k; c++) {
        double truth = 0, predicted = 0, right = counts[c * k + c];
        for (size_t j = 0; j < k; j++) {
            truth += counts[c * k + j];
            predicted += counts[j * k + c];
        }
        f->precision[c] = ratio(right, predicted);
        f->recall[c] = ratio(right, truth);
        f->f1[c] = ratio(2 * right, truth + predicted);
        f->support[c] = truth;
        seen[c] = truth + predicted;
        total += truth;
    }
    average(f->precision, f->support, seen, k);
    average(f->recall, f->support, seen, k);
    average(f->f1, f->support, seen, k);
    f->support[k] = f->support[k + 1] = total;
}

static hana_status add_names(columns *c, const hana_scored *s, hana_error *err)
{
    hana_builder *builder;
    size_t k = hana_scored_classes(s);
    HANA_TRY(hana_builder_new(&builder, HANA_STRING, k + 2, err));
    hana_text name = { 0 };
    hana_status status = HANA_OK;
    for (size_t i = 0; i < k && status == HANA_OK; i++) {
        name.length = 0;
        hana_column_print_cell(s->classes, i, 1, &name);
        status = name.failed ? hana_fail_memory(err)
                             : hana_builder_string(builder, name.data, name.length, err);
    }
    if (status == HANA_OK) status = hana_builder_string(builder, "macro", 5, err);
    if (status == HANA_OK) status = hana_builder_string(builder, "weighted", 8, err);
    hana_column *column;
    if (status == HANA_OK) status = hana_builder_take(&column, builder, err);
    hana_text_clear(&name);
    hana_builder_free(builder);
    return status == HANA_OK ? add(c, "class", column, err) : status;
}

hana_status hana_classification_report(hana_frame **out, const hana_scored *s,
                                       hana_error *err)
{
    HANA_TRY(check(s, err));
    size_t k = hana_scored_classes(s), rows = k + 2;
    columns c = { 0 };
    double *counts = NULL, *room = hana_alloc_zero(5 * rows, sizeof *room);
    hana_status status = room ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_confusion_counts(&counts, s, err);
    if (status == HANA_OK) status = columns_new(&c, 5, err);
    if (status == HANA_OK) status = add_names(&c, s, err);
    if (status == HANA_OK) {
        figures f = { room, room + rows, room + 2 * rows, room + 3 * rows };
        fill(&f, counts, room + 4 * rows, k);
        status = add_floats(&c, "precision", f.precision, rows, err);
        if (status == HANA_OK) status = add_floats(&c, "recall", f.recall, rows, err);
        if (status == HANA_OK) status = add_floats(&c, "f1", f.f1, rows, err);
        if (status == HANA_OK)
            status = add_counts(&c, "support", f.support, rows, s->weights != NULL, err);
    }
    if (status == HANA_OK) status = to_frame(out, &c, err);
    columns_clear(&c);
    hana_free(counts);
    hana_free(room);
    return status;
}

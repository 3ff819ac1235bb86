#include "assess/resample.h"

#include <math.h>
#include <string.h>

/* The result of a cross-validation as frames. */

/* The best class of a scored row, or its code; -1 where the model abstains. */
static int32_t predicted_code(const hana_resampled *r, size_t at)
{
    const double *p = r->out.data + at * r->out.stride;
    if (!r->has_proba) return isnan(p[0]) ? -1 : (int32_t)p[0];
    size_t best = 0;
    for (size_t c = 1; c < r->out.cols; c++)
        if (p[c] > p[best]) best = c;
    return isnan(p[best]) ? -1 : (int32_t)best;
}

/* Columns under construction with their names; owns what was added. */
typedef struct table {
    hana_names names;
    const hana_column **columns;
    size_t n;
} table;

static void clear_table(table *t)
{
    for (size_t j = 0; j < t->n; j++) hana_column_release(t->columns[j]);
    hana_free(t->columns);
    hana_names_clear(&t->names);
}

/* Takes the column over, also on failure. */
static hana_status add(table *t, const char *name, hana_column *column, hana_error *err)
{
    const hana_column **grown = hana_realloc(t->columns, t->n + 1, sizeof *grown);
    if (grown) t->columns = grown;
    hana_status status =
        grown ? hana_names_add(&t->names, name, err) : hana_fail_memory(err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    t->columns[t->n++] = column;
    return HANA_OK;
}

static hana_status add_ints(table *t, const char *name, const int64_t *values, size_t n,
                            hana_error *err)
{
    hana_column *column;
    HANA_TRY(hana_column_from_ints(&column, values, NULL, n, err));
    return add(t, name, column, err);
}

/* NaN becomes null when `nan_is_null`. */
static hana_status add_floats(table *t, const char *name, const double *values, size_t n,
                              int nan_is_null, hana_error *err)
{
    hana_column *column;
    uint8_t *validity = NULL;
    if (nan_is_null) {
        validity = hana_alloc_zero(hana_bitmap_bytes(n), 1);
        if (!validity) return hana_fail_memory(err);
        for (size_t i = 0; i < n; i++)
            if (!isnan(values[i])) hana_bit_set(validity, i);
    }
    hana_status status = hana_column_from_floats(&column, values, validity, n, err);
    hana_free(validity);
    return status == HANA_OK ? add(t, name, column, err) : status;
}

/* Scored rows: at[i] indexes repeats x rows. */
typedef struct scored_rows {
    size_t n;
    size_t *at;
} scored_rows;

static hana_status find_scored(scored_rows *out, const hana_resampled *r, hana_error *err)
{
    out->at = hana_alloc(r->rows * r->repeats, sizeof *out->at);
    if (!out->at) return hana_fail_memory(err);
    for (size_t i = 0; i < r->rows * r->repeats; i++)
        if (r->fold[i] >= 0) out->at[out->n++] = i;
    return HANA_OK;
}

static hana_status add_positions(table *t, const hana_resampled *r, const scored_rows *s,
                                 hana_error *err)
{
    int64_t *values = hana_alloc(s->n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    for (size_t i = 0; i < s->n; i++) values[i] = (int64_t)(s->at[i] % r->rows) + 1;
    hana_status status = add_ints(t, "row", values, s->n, err);
    for (size_t i = 0; i < s->n; i++) values[i] = (int64_t)(s->at[i] / r->rows) + 1;
    if (status == HANA_OK) status = add_ints(t, "repeat", values, s->n, err);
    for (size_t i = 0; i < s->n; i++) values[i] = r->fold[s->at[i]] + 1;
    if (status == HANA_OK) status = add_ints(t, "fold", values, s->n, err);
    hana_free(values);
    return status;
}

static hana_status add_classes(table *t, const hana_resampled *r, const scored_rows *s,
                               hana_error *err)
{
    size_t *rows = hana_alloc(s->n, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    hana_column *column;
    for (size_t i = 0; i < s->n; i++) rows[i] = (size_t)r->codes[s->at[i] % r->rows];
    hana_status status = hana_column_take(&column, r->target.classes, rows, s->n, err);
    if (status == HANA_OK) status = add(t, "truth", column, err);
    for (size_t i = 0; i < s->n; i++) {
        int32_t code = predicted_code(r, s->at[i]);
        rows[i] = code < 0 ? HANA_NO_ROW : (size_t)code;
    }
    if (status == HANA_OK)
        status = hana_column_take(&column, r->target.classes, rows, s->n, err);
    if (status == HANA_OK) status = add(t, "prediction", column, err);
    hana_free(rows);
    return status;
}

static hana_status add_outputs(table *t, const hana_resampled *r, const scored_rows *s,
                               hana_error *err)
{
    double *values = hana_alloc(s->n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    if (r->y) {
        for (size_t i = 0; i < s->n; i++) values[i] = r->y[s->at[i] % r->rows];
        status = add_floats(t, "truth", values, s->n, 0, err);
        for (size_t i = 0; i < s->n; i++)
            values[i] = r->out.data[s->at[i] * r->out.stride];
        if (status == HANA_OK) status = add_floats(t, "prediction", values, s->n, 1, err);
    } else {
        status = add_classes(t, r, s, err);
    }
    for (size_t c = 0; r->has_proba && status == HANA_OK && c < r->out.cols; c++) {
        hana_text name = { 0 };
        hana_text_puts(&name, "p_");
        hana_target_class_name(&name, &r->target, c);
        for (size_t i = 0; i < s->n; i++)
            values[i] = r->out.data[s->at[i] * r->out.stride + c];
        status = name.failed ? hana_fail_memory(err)
                             : add_floats(t, name.data, values, s->n, 1, err);
        hana_text_clear(&name);
    }
    hana_free(values);
    return status;
}

/* The table with the ids of the rows that were scored. */
static hana_status with_ids(hana_frame **out, const hana_frame *made,
                            const hana_resampled *r, const scored_rows *s,
                            hana_error *err)
{
    size_t *rows = hana_alloc(s->n, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < s->n; i++) rows[i] = s->at[i] % r->rows;
    hana_names none = { 0 };
    hana_frame *bare = NULL, *taken = NULL;
    hana_status status = hana_frame_select(&bare, r->frame, &none, err);
    if (status == HANA_OK) status = hana_frame_take(&taken, bare, rows, s->n, err);
    if (status == HANA_OK) status = hana_frame_with_ids_of(out, made, taken, err);
    hana_frame_release(bare);
    hana_frame_release(taken);
    hana_free(rows);
    return status;
}

hana_status hana_resampled_predictions(hana_frame **out, const hana_resampled *r,
                                       hana_error *err)
{
    scored_rows s = { 0 };
    table t = { 0 };
    hana_frame *made = NULL;
    hana_status status = find_scored(&s, r, err);
    if (status == HANA_OK) status = add_positions(&t, r, &s, err);
    if (status == HANA_OK) status = add_outputs(&t, r, &s, err);
    if (status == HANA_OK)
        status = hana_frame_new(&made, (const char *const *)t.names.items, t.columns, t.n,
                                s.n, err);
    if (status == HANA_OK) status = with_ids(out, made, r, &s, err);
    hana_frame_release(made);
    clear_table(&t);
    hana_free(s.at);
    return status;
}

/* One fold of one repeat as the metrics take it: gathered copies. */
typedef struct gathered {
    double *truth, *predicted, *weights;
    int32_t *truth_code, *predicted_code;
    hana_matrix proba;
} gathered;

static void clear_gathered(gathered *g)
{
    hana_free(g->truth);
    hana_free(g->predicted);
    hana_free(g->weights);
    hana_free(g->truth_code);
    hana_free(g->predicted_code);
    hana_matrix_clear(&g->proba);
}

static hana_status room(gathered *g, const hana_resampled *r, hana_error *err)
{
    size_t n = r->rows;
    g->truth = hana_alloc(n, sizeof *g->truth);
    g->predicted = hana_alloc(n, sizeof *g->predicted);
    g->weights = hana_alloc(n, sizeof *g->weights);
    g->truth_code = hana_alloc(n, sizeof *g->truth_code);
    g->predicted_code = hana_alloc(n, sizeof *g->predicted_code);
    if (!g->truth || !g->predicted || !g->weights || !g->truth_code || !g->predicted_code)
        return hana_fail_memory(err);
    return r->has_proba ? hana_matrix_new(&g->proba, n, r->out.cols, err) : HANA_OK;
}

/* Fills the arrays with the rows of (repeat, fold) and describes them. */
static hana_scored gather(gathered *g, const hana_resampled *r, size_t repeat,
                          size_t fold)
{
    size_t n = 0;
    for (size_t i = 0; i < r->rows; i++) {
        size_t at = repeat * r->rows + i;
        if (r->fold[at] != (int32_t)fold) continue;
        if (r->y) {
            g->truth[n] = r->y[i];
            g->predicted[n] = r->out.data[at * r->out.stride];
        } else {
            g->truth_code[n] = r->codes[i];
            g->predicted_code[n] = predicted_code(r, at);
        }
        if (r->has_proba)
            memcpy(g->proba.data + n * g->proba.stride, r->out.data + at * r->out.stride,
                   r->out.cols * sizeof(double));
        if (r->weights) g->weights[n] = r->weights[i];
        n++;
    }
    g->proba.rows = n;
    return (hana_scored){ .n = n,
                          .truth = r->y ? g->truth : NULL,
                          .predicted = r->y ? g->predicted : NULL,
                          .truth_code = r->y ? NULL : g->truth_code,
                          .predicted_code = r->y ? NULL : g->predicted_code,
                          .proba = r->has_proba ? &g->proba : NULL,
                          .classes = r->target.classes,
                          .positive = r->target.positive,
                          .weights = r->weights ? g->weights : NULL };
}

static hana_status add_units(table *t, const hana_resampled *r, hana_error *err)
{
    size_t units = r->folds * r->repeats;
    int64_t *values = hana_alloc(units, sizeof *values);
    if (!values) return hana_fail_memory(err);
    for (size_t u = 0; u < units; u++) values[u] = (int64_t)(u / r->folds) + 1;
    hana_status status = add_ints(t, "repeat", values, units, err);
    for (size_t u = 0; u < units; u++) values[u] = (int64_t)(u % r->folds) + 1;
    if (status == HANA_OK) status = add_ints(t, "fold", values, units, err);
    for (size_t u = 0; u < units; u++) values[u] = (int64_t)r->n_train[u];
    if (status == HANA_OK) status = add_ints(t, "n_train", values, units, err);
    for (size_t u = 0; u < units; u++) values[u] = (int64_t)r->n_test[u];
    if (status == HANA_OK) status = add_ints(t, "n_test", values, units, err);
    hana_free(values);
    if (status == HANA_OK)
        status = add_floats(t, "fit_seconds", r->fit_seconds, units, 0, err);
    if (status == HANA_OK)
        status = add_floats(t, "predict_seconds", r->predict_seconds, units, 0, err);
    return status;
}

static hana_status add_metric(table *t, const hana_resampled *r,
                              const hana_resample_metric *metric, gathered *g,
                              hana_error *err)
{
    size_t units = r->folds * r->repeats;
    double *values = hana_alloc(units, sizeof *values);
    if (!values) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t u = 0; status == HANA_OK && u < units; u++) {
        hana_scored scored = gather(g, r, u / r->folds, u % r->folds);
        status = hana_metric_compute(&values[u], NULL, metric->name, &scored,
                                     metric->args, err);
    }
    if (status == HANA_OK) status = add_floats(t, metric->label, values, units, 0, err);
    hana_free(values);
    return status;
}

hana_status hana_resampled_folds(hana_frame **out, const hana_resampled *r,
                                 const hana_resample_metric *metrics, size_t n,
                                 hana_error *err)
{
    table t = { 0 };
    gathered g = { 0 };
    hana_status status = room(&g, r, err);
    if (status == HANA_OK) status = add_units(&t, r, err);
    for (size_t m = 0; status == HANA_OK && m < n; m++)
        status = add_metric(&t, r, &metrics[m], &g, err);
    if (status == HANA_OK)
        status = hana_frame_new(out, (const char *const *)t.names.items, t.columns, t.n,
                                r->folds * r->repeats, err);
    clear_gathered(&g);
    clear_table(&t);
    return status;
}

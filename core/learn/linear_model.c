#include "learn/linear_model.h"

#include "base/dot.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

enum { ROWS_PER_BLOCK = 4096 };

hana_status hana_linear_model_alloc(hana_linear_model *model, size_t outputs,
                                    size_t features, int std_errors, hana_error *err)
{
    model->outputs = outputs;
    model->features = features;
    model->coef = hana_alloc_zero(outputs * features, sizeof *model->coef);
    model->intercept = hana_alloc_zero(outputs, sizeof *model->intercept);
    if (!model->coef || !model->intercept) return hana_fail_memory(err);
    if (!std_errors) return HANA_OK;
    model->std_error = hana_alloc(outputs * (features + 1), sizeof *model->std_error);
    if (!model->std_error) return hana_fail_memory(err);
    for (size_t i = 0; i < outputs * (features + 1); i++) model->std_error[i] = NAN;
    return HANA_OK;
}

void hana_linear_model_clear(void *state)
{
    hana_linear_model *model = state;
    hana_free(model->coef);
    hana_free(model->intercept);
    hana_free(model->std_error);
    *model = (hana_linear_model){ 0 };
}

size_t hana_linear_model_bytes(const void *state)
{
    const hana_linear_model *model = state;
    return sizeof *model + hana_block_size(model->coef) +
           hana_block_size(model->intercept) +
           (model->std_error ? hana_block_size(model->std_error) : 0);
}

typedef struct scoring {
    const hana_linear_model *model;
    const hana_matrix *dense;
    const hana_sparse *sparse;
    hana_matrix *out;
} scoring;

static double sparse_dot(const hana_sparse *x, size_t i, const double *coef)
{
    double sum = 0;
    for (int64_t at = x->start[i]; at < x->start[i + 1]; at++)
        sum += x->values[at] * coef[x->index[at]];
    return sum;
}

static hana_status score_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const scoring *s = context;
    const hana_linear_model *model = s->model;
    size_t from = block * ROWS_PER_BLOCK, to = from + ROWS_PER_BLOCK;
    if (to > s->out->rows) to = s->out->rows;
    for (size_t i = from; i < to; i++)
        for (size_t k = 0; k < model->outputs; k++) {
            const double *coef = model->coef + k * model->features;
            double sum = s->sparse ? sparse_dot(s->sparse, i, coef)
                                   : hana_dot(s->dense->data + i * s->dense->stride, coef,
                                              model->features);
            s->out->data[i * s->out->stride + k] = model->intercept[k] + sum;
        }
    return HANA_OK;
}

hana_status hana_linear_model_scores(const hana_linear_model *model, hana_problem *x,
                                     hana_matrix *out, hana_job *job, hana_error *err)
{
    scoring s = { .model = model, .out = out };
    if (hana_problem_cols(x) != model->features)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "linear model: %zu features, fitted with %zu",
                         hana_problem_cols(x), model->features);
    if (hana_problem_is_sparse(x))
        HANA_TRY(hana_problem_sparse(&s.sparse, x, err));
    else
        HANA_TRY(hana_problem_matrix(&s.dense, x, err));
    size_t blocks = (out->rows + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK;
    return hana_parallel(job, blocks, score_block, &s, err);
}

hana_status hana_linear_model_predict(const void *model, hana_problem *x, double *out,
                                      hana_job *job, hana_error *err)
{
    hana_matrix scores = {
        .data = out, .rows = hana_problem_rows(x), .cols = 1, .stride = 1
    };
    return hana_linear_model_scores(model, x, &scores, job, err);
}

hana_status hana_linear_model_save(const void *state, hana_writer *writer,
                                   hana_error *err)
{
    const hana_linear_model *model = state;
    size_t n = model->outputs * model->features;
    HANA_TRY(hana_put_int(writer, "outputs", (int64_t)model->outputs, err));
    HANA_TRY(hana_put_int(writer, "features", (int64_t)model->features, err));
    HANA_TRY(hana_put_int(writer, "has_intercept", model->has_intercept, err));
    HANA_TRY(hana_put_number(writer, "freedom", model->freedom, err));
    HANA_TRY(hana_put_doubles(writer, "coef", model->coef, n, err));
    HANA_TRY(
        hana_put_doubles(writer, "intercept", model->intercept, model->outputs, err));
    if (!model->std_error) return HANA_OK;
    return hana_put_doubles(writer, "std_error", model->std_error, n + model->outputs,
                            err);
}

hana_status hana_linear_model_load(void *state, hana_reader *reader, hana_error *err)
{
    hana_linear_model *model = state;
    int64_t outputs, features, has_intercept;
    HANA_TRY(hana_get_int(reader, "outputs", &outputs, err));
    HANA_TRY(hana_get_int(reader, "features", &features, err));
    HANA_TRY(hana_get_int(reader, "has_intercept", &has_intercept, err));
    HANA_TRY(hana_get_number(reader, "freedom", &model->freedom, err));
    size_t n_coef, n_intercept, n_errors = 0;
    HANA_TRY(hana_get_doubles(reader, "coef", &model->coef, &n_coef, err));
    HANA_TRY(hana_get_doubles(reader, "intercept", &model->intercept, &n_intercept, err));
    int has_errors = hana_reader_has(reader, "std_error");
    if (has_errors)
        HANA_TRY(
            hana_get_doubles(reader, "std_error", &model->std_error, &n_errors, err));
    if (outputs < 1 || features < 0 || n_intercept != (size_t)outputs ||
        n_coef / (size_t)outputs != (size_t)features || n_coef % (size_t)outputs != 0 ||
        (has_errors && n_errors != n_coef + n_intercept))
        return hana_fail(err, HANA_BAD_FORMAT,
                         "linear model: arrays of the wrong length");
    model->outputs = (size_t)outputs;
    model->features = (size_t)features;
    model->has_intercept = has_intercept != 0;
    return HANA_OK;
}

enum { ESTIMATE, STD_ERROR, STATISTIC, P_VALUE, LOW, HIGH, N_FIGURES };

/* Figures of one term; NaN stands for null. */
static void figures_of(double estimate, double std_error, double freedom,
                       double out[N_FIGURES])
{
    for (int i = 0; i < N_FIGURES; i++) out[i] = NAN;
    out[ESTIMATE] = estimate;
    if (!isfinite(std_error)) return;
    double reach =
        freedom > 0 ? gsl_cdf_tdist_Qinv(0.025, freedom) : gsl_cdf_ugaussian_Qinv(0.025);
    out[STD_ERROR] = std_error;
    out[LOW] = estimate - reach * std_error;
    out[HIGH] = estimate + reach * std_error;
    if (std_error <= 0) return;
    double statistic = estimate / std_error;
    out[STATISTIC] = statistic;
    out[P_VALUE] = 2 * (freedom > 0 ? gsl_cdf_tdist_Q(fabs(statistic), freedom)
                                    : gsl_cdf_ugaussian_Q(fabs(statistic)));
}

static hana_status add_term(hana_builder *const *builders, const hana_linear_model *model,
                            size_t k, size_t j, const char *name, const char *class_name,
                            hana_error *err)
{
    double estimate =
        j == 0 ? model->intercept[k] : model->coef[k * model->features + j - 1];
    double std_error = (double)NAN;
    if (model->std_error) std_error = model->std_error[k * (model->features + 1) + j];
    double figures[N_FIGURES];
    figures_of(estimate, std_error, model->freedom, figures);
    if (class_name)
        HANA_TRY(hana_builder_string(builders[0], class_name, strlen(class_name), err));
    HANA_TRY(hana_builder_string(builders[1], name, strlen(name), err));
    for (int f = 0; f < N_FIGURES; f++)
        HANA_TRY(isnan(figures[f])
                     ? hana_builder_null(builders[2 + f], err)
                     : hana_builder_float(builders[2 + f], figures[f], err));
    return HANA_OK;
}

hana_status hana_linear_model_summary(const void *state, const hana_feature *features,
                                      size_t n, const hana_target *target,
                                      hana_frame **out, hana_error *err)
{
    (void)n;
    const hana_linear_model *model = state;
    static const char *const names[] = { "class",     "term",    "estimate", "std_error",
                                         "statistic", "p_value", "low",      "high" };
    enum { N = sizeof names / sizeof names[0] };
    hana_builder *builders[N] = { 0 };
    hana_column *columns[N] = { 0 };
    hana_text class_name = { 0 };
    size_t first = model->outputs > 1 ? 0 : 1;
    size_t rows = model->outputs * (model->features + 1);
    hana_status status = HANA_OK;
    for (size_t c = first; c < N; c++)
        HANA_GOTO(done, hana_builder_new(&builders[c], c < 2 ? HANA_STRING : HANA_FLOAT,
                                         rows, err));
    for (size_t k = 0; k < model->outputs; k++) {
        hana_text_clear(&class_name);
        if (first == 0) {
            hana_target_class_name(&class_name, target, k);
            if (class_name.failed || !class_name.data) {
                status = hana_fail_memory(err);
                goto done;
            }
        }
        for (size_t j = model->has_intercept ? 0 : 1; j <= model->features; j++)
            HANA_GOTO(done, add_term(builders, model, k, j,
                                     j == 0 ? "(intercept)" : features[j - 1].name,
                                     first == 0 ? class_name.data : NULL, err));
    }
    for (size_t c = first; c < N; c++)
        HANA_GOTO(done, hana_builder_take(&columns[c], builders[c], err));
    status =
        hana_frame_new(out, names + first, (const hana_column *const *)columns + first,
                       N - first, hana_column_length(columns[1]), err);
done:
    for (size_t c = 0; c < N; c++) {
        hana_builder_free(builders[c]);
        hana_column_release(columns[c]);
    }
    hana_text_clear(&class_name);
    return status;
}

hana_status hana_linear_model_export(const hana_linear_model *model,
                                     hana_export_link link, size_t n_features,
                                     hana_export *out, hana_error *err)
{
    size_t n = model->outputs * model->features;
    if (n_features != model->features)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "linear model: %zu features, fitted with %zu", n_features,
                         model->features);
    double *coef = hana_alloc(n, sizeof *coef);
    double *intercept = hana_alloc(model->outputs, sizeof *intercept);
    if (!coef || !intercept) {
        hana_free(coef);
        hana_free(intercept);
        return hana_fail_memory(err);
    }
    if (n > 0) memcpy(coef, model->coef, n * sizeof *coef);
    memcpy(intercept, model->intercept, model->outputs * sizeof *intercept);
    out->kind = HANA_EXPORT_LINEAR;
    out->link = link;
    out->n_features = n_features;
    out->n_outputs = model->outputs;
    out->coef = coef;
    out->intercept = intercept;
    return HANA_OK;
}

hana_status hana_linear_model_export_scores(const void *model, size_t n_features,
                                            hana_export *out, hana_error *err)
{
    return hana_linear_model_export(model, HANA_LINK_IDENTITY, n_features, out, err);
}

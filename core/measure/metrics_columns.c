#include "base/text.h"
#include "measure/codes.h"
#include "measure/metric.h"

#include <math.h>
#include <string.h>

/* What is scored, made from columns; owns its arrays. */
typedef struct scoring {
    hana_scored s;
    double *numbers[2], *weights;
    int32_t *codes[2];
    hana_matrix proba;
    hana_column *classes;
} scoring;

static void clear(scoring *sc)
{
    for (int k = 0; k < 2; k++) {
        hana_free(sc->numbers[k]);
        hana_free(sc->codes[k]);
    }
    hana_free(sc->weights);
    hana_matrix_clear(&sc->proba);
    hana_column_release(sc->classes);
}

static hana_status read_numbers(double **out, const hana_column *column, const char *what,
                                hana_error *err)
{
    hana_type type = hana_column_type(column);
    if (type != HANA_FLOAT && type != HANA_INT && type != HANA_BOOL)
        return hana_fail(err, HANA_BAD_TYPE, "%s is %s, expected numbers", what,
                         hana_type_name(type));
    size_t n = hana_column_length(column);
    double *numbers = hana_alloc(n, sizeof *numbers);
    if (!numbers) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) numbers[i] = hana_column_number(column, i);
    *out = numbers;
    return HANA_OK;
}

static hana_status read_weights(scoring *sc, const hana_value *args, hana_error *err)
{
    const hana_value *given = args ? hana_value_get(args, "weights") : NULL;
    if (!given || given->kind == HANA_VALUE_NULL) return HANA_OK;
    const hana_column *column = hana_value_pointer(given, &hana_column_class);
    if (!column)
        return hana_fail(err, HANA_BAD_TYPE, "weights must be a column, got %s",
                         hana_value_kind_name(given));
    if (hana_column_length(column) != sc->s.n)
        return hana_fail(err, HANA_BAD_SHAPE, "%zu weights for %zu rows",
                         hana_column_length(column), sc->s.n);
    HANA_TRY(read_numbers(&sc->weights, column, "the weight", err));
    for (size_t i = 0; i < sc->s.n; i++)
        if (!(sc->weights[i] >= 0) || isinf(sc->weights[i]))
            return hana_fail(err, HANA_BAD_DATA,
                             "the weight of row %zu is not a number >= 0", i + 1);
    sc->s.weights = sc->weights;
    return HANA_OK;
}

static hana_status need_predicted(const scoring *sc, const char *name, const char *takes,
                                  const hana_column *predicted, hana_error *err)
{
    if (!predicted)
        return hana_fail(err, HANA_BAD_TYPE, "%s takes %s, got a frame", name, takes);
    if (hana_column_length(predicted) != sc->s.n)
        return hana_fail(err, HANA_BAD_SHAPE, "%zu predictions for %zu rows",
                         hana_column_length(predicted), sc->s.n);
    return HANA_OK;
}

static hana_status from_numbers(scoring *sc, const char *name, const hana_column *truth,
                                const hana_column *predicted, hana_error *err)
{
    HANA_TRY(need_predicted(sc, name, "numbers", predicted, err));
    HANA_TRY(read_numbers(&sc->numbers[0], truth, "the truth", err));
    HANA_TRY(read_numbers(&sc->numbers[1], predicted, "the prediction", err));
    sc->s.truth = sc->numbers[0];
    sc->s.predicted = sc->numbers[1];
    return HANA_OK;
}

static hana_status read_codes(int32_t **out, const hana_column *column,
                              const hana_column *classes, hana_error *err)
{
    int32_t *codes = hana_alloc(hana_column_length(column), sizeof *codes);
    if (!codes) return hana_fail_memory(err);
    hana_status status = hana_codes_in(codes, column, classes, err);
    if (status != HANA_OK) {
        hana_free(codes);
        return status;
    }
    *out = codes;
    return HANA_OK;
}

static hana_status from_labels(scoring *sc, const char *name, const hana_column *truth,
                               const hana_column *predicted, hana_error *err)
{
    HANA_TRY(need_predicted(sc, name, "labels", predicted, err));
    HANA_TRY(hana_common_classes(&sc->classes, truth, predicted, err));
    HANA_TRY(read_codes(&sc->codes[0], truth, sc->classes, err));
    HANA_TRY(read_codes(&sc->codes[1], predicted, sc->classes, err));
    sc->s.classes = sc->classes;
    sc->s.truth_code = sc->codes[0];
    sc->s.predicted_code = sc->codes[1];
    return HANA_OK;
}

/* Every label of the truth must have a column among the probabilities. */
static hana_status check_known(const scoring *sc, const hana_column *truth,
                               hana_error *err)
{
    for (size_t i = 0; i < sc->s.n; i++) {
        if (sc->codes[0][i] >= 0 || hana_column_is_null(truth, i)) continue;
        hana_text cell = { 0 };
        hana_column_print_cell(truth, i, 1, &cell);
        hana_status status =
            cell.failed
                ? hana_fail_memory(err)
                : hana_fail(
                      err, HANA_BAD_DATA,
                      "the truth of row %zu is '%.*s', for which there is no column "
                      "of probabilities",
                      i + 1, cell.length < 80 ? (int)cell.length : 80,
                      cell.data ? cell.data : "");
        hana_text_clear(&cell);
        return status;
    }
    return HANA_OK;
}

static hana_status read_proba(scoring *sc, const hana_frame *proba, hana_error *err)
{
    size_t cols = hana_frame_cols(proba);
    HANA_TRY(hana_matrix_new(&sc->proba, sc->s.n, cols, err));
    for (size_t c = 0; c < cols; c++) {
        const hana_column *column = hana_frame_column(proba, c);
        hana_type type = hana_column_type(column);
        if (type != HANA_FLOAT && type != HANA_INT)
            return hana_fail(err, HANA_BAD_TYPE,
                             "column '%s' is %s, expected probabilities",
                             hana_frame_name(proba, c), hana_type_name(type));
        for (size_t i = 0; i < sc->s.n; i++)
            sc->proba.data[i * cols + c] = hana_column_number(column, i);
    }
    sc->s.proba = &sc->proba;
    return HANA_OK;
}

static hana_status names_column(hana_column **out, const hana_frame *frame,
                                hana_error *err)
{
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, HANA_STRING, hana_frame_cols(frame), err));
    hana_status status = HANA_OK;
    for (size_t c = 0; c < hana_frame_cols(frame) && status == HANA_OK; c++) {
        const char *name = hana_frame_name(frame, c);
        status = hana_builder_string(builder, name, strlen(name), err);
    }
    if (status == HANA_OK) status = hana_builder_take(out, builder, err);
    hana_builder_free(builder);
    return status;
}

static hana_status from_frame(scoring *sc, const hana_column *truth,
                              const hana_frame *proba, hana_error *err)
{
    if (hana_frame_rows(proba) != sc->s.n)
        return hana_fail(err, HANA_BAD_SHAPE, "%zu rows of probabilities for %zu rows",
                         hana_frame_rows(proba), sc->s.n);
    HANA_TRY(names_column(&sc->classes, proba, err));
    hana_column *labels;
    HANA_TRY(hana_column_cast(&labels, truth, HANA_STRING, NULL, err));
    hana_status status = read_codes(&sc->codes[0], labels, sc->classes, err);
    hana_column_release(labels);
    HANA_TRY(status);
    HANA_TRY(check_known(sc, truth, err));
    sc->s.classes = sc->classes;
    sc->s.truth_code = sc->codes[0];
    return read_proba(sc, proba, err);
}

/* The class that a lone column of probabilities is about; -1: no row has it. */
static hana_status positive_of(ptrdiff_t *out, const hana_column *classes,
                               const hana_value *given, hana_error *err)
{
    size_t n = hana_column_length(classes);
    if (given && given->kind != HANA_VALUE_NULL) {
        *out = hana_class_find(classes, given);
        if (*out >= 0 || n < 2) return HANA_OK;
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "positive is not among the labels of the truth");
    }
    hana_type type = hana_column_type(classes);
    int numeric = type == HANA_FLOAT || type == HANA_INT || type == HANA_BOOL;
    double only = n == 1 && numeric ? hana_column_number(classes, 0) : (double)NAN;
    if (n == 2 || only == 0 || only == 1) {
        *out = n == 2 ? 1 : only == 1 ? 0 : -1;
        return HANA_OK;
    }
    return hana_fail(
        err, HANA_BAD_ARGUMENT,
        n == 1 ? "the truth has %zu class: say which is positive"
               : "the truth has %zu classes: say which is positive, or give all "
                 "probabilities as a frame",
        n);
}

static hana_status from_positive(scoring *sc, const char *name, const hana_column *truth,
                                 const hana_column *predicted, const hana_value *args,
                                 hana_error *err)
{
    HANA_TRY(need_predicted(sc, name, "probabilities", predicted, err));
    hana_type type = hana_column_type(predicted);
    if (type != HANA_FLOAT && type != HANA_INT)
        return hana_fail(err, HANA_BAD_TYPE, "%s takes probabilities, got %s", name,
                         hana_type_name(type));
    HANA_TRY(hana_common_classes(&sc->classes, truth, NULL, err));
    ptrdiff_t positive = 0;
    if (hana_column_length(sc->classes) > 0)
        HANA_TRY(positive_of(&positive, sc->classes,
                             args ? hana_value_get(args, "positive") : NULL, err));
    HANA_TRY(read_codes(&sc->codes[0], truth, sc->classes, err));
    for (size_t i = 0; i < sc->s.n; i++)
        if (sc->codes[0][i] >= 0) sc->codes[0][i] = sc->codes[0][i] == positive;
    HANA_TRY(hana_matrix_new(&sc->proba, sc->s.n, 2, err));
    for (size_t i = 0; i < sc->s.n; i++) {
        double p = hana_column_number(predicted, i);
        sc->proba.data[2 * i] = 1 - p;
        sc->proba.data[2 * i + 1] = p;
    }
    sc->s.truth_code = sc->codes[0];
    sc->s.proba = &sc->proba;
    sc->s.positive = 1;
    return HANA_OK;
}

static hana_status score(double *out, const char **why, scoring *sc,
                         const hana_metric *metric, const hana_column *truth,
                         const hana_column *predicted, const hana_frame *proba,
                         const hana_value *args, hana_error *err)
{
    HANA_TRY(read_weights(sc, args, err));
    if (metric->takes == HANA_TAKES_NUMBERS)
        HANA_TRY(from_numbers(sc, metric->name, truth, predicted, err));
    else if (metric->takes == HANA_TAKES_LABELS)
        HANA_TRY(from_labels(sc, metric->name, truth, predicted, err));
    else if (proba)
        HANA_TRY(from_frame(sc, truth, proba, err));
    else
        HANA_TRY(from_positive(sc, metric->name, truth, predicted, args, err));
    return hana_metric_compute(out, why, metric->name, &sc->s, args, err);
}

hana_status hana_metric_of_columns(double *out, const char **why, const char *name,
                                   const hana_column *truth, const hana_column *predicted,
                                   const hana_frame *proba, const hana_value *args,
                                   hana_error *err)
{
    scoring sc = { .s = { .n = hana_column_length(truth), .positive = -1 } };
    const hana_metric *metric = hana_metric_find(name);
    if (!metric) return hana_metric_compute(out, why, name, &sc.s, NULL, err);
    hana_status status = score(out, why, &sc, metric, truth, predicted, proba, args, err);
    clear(&sc);
    return status;
}

hana_status hana_confusion_of_columns(hana_frame **out, const hana_column *truth,
                                      const hana_column *predicted, hana_error *err)
{
    scoring sc = { .s = { .n = hana_column_length(truth), .positive = -1 } };
    hana_status status = from_labels(&sc, "confusion", truth, predicted, err);
    if (status == HANA_OK) status = hana_confusion(out, &sc.s, err);
    clear(&sc);
    return status;
}

hana_status hana_classification_report_of_columns(hana_frame **out,
                                                  const hana_column *truth,
                                                  const hana_column *predicted,
                                                  hana_error *err)
{
    scoring sc = { .s = { .n = hana_column_length(truth), .positive = -1 } };
    hana_status status = from_labels(&sc, "classification_report", truth, predicted, err);
    if (status == HANA_OK) status = hana_classification_report(out, &sc.s, err);
    clear(&sc);
    return status;
}

/* Nearest neighbors (Hastie, Tibshirani and Friedman, The Elements of Statistical
   Learning, 2nd ed., section 13.3): the mean, or the class shares, of the k training rows
   nearest in Euclidean distance. Rows are kept. A weight of 3 counts as three equal rows.
 */
#include "base/memory.h"
#include "learn/learner.h"
#include "learn/neighbors.h"

#include <math.h>
#include <string.h>

enum { UNIFORM, DISTANCE };

typedef struct options {
    int64_t neighbors;
    int weights;
} options;

static const options defaults = { .neighbors = 5 };
static const char *const weightings[] = { "uniform", "distance", NULL };

static const hana_option rows[] = {
    HANA_OPTION_INTEGER(options, neighbors, .low = 1, .high = HUGE_VAL,
                        .help = "rows that are asked, by weight"),
    HANA_OPTION_CHOICE(options, weights, .choices = weightings,
                       .help = "how much each of them says; distance: 1 / distance"),
};

typedef struct state {
    int64_t neighbors;
    int by_distance;
    size_t width; /* 1, or the number of classes */
    hana_matrix x;
    double *target;  /* rows x width: the number, or class shares */
    double *weights; /* NULL: all 1 */
    hana_neighbors *index;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    hana_matrix_clear(&s->x);
    hana_free(s->target);
    hana_free(s->weights);
    hana_neighbors_free(s->index);
}

static hana_status fit(void *pointer, const void *opts, hana_problem *problem,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts;
    state *s = pointer;
    const options *o = opts;
    const hana_matrix *x;
    HANA_TRY(hana_problem_matrix(&x, problem, err));
    int classifies = hana_problem_task(problem) == HANA_CLASSIFICATION;
    const hana_matrix *proba = classifies ? hana_problem_proba(problem) : NULL;
    const double *w = hana_problem_weights(problem);
    size_t n = x->rows;
    s->neighbors = o->neighbors;
    s->by_distance = o->weights == DISTANCE;
    s->width = classifies ? hana_problem_classes(problem) : 1;
    HANA_TRY(hana_matrix_new(&s->x, n, x->cols, err));
    s->target = hana_alloc_zero(n * s->width, sizeof *s->target);
    if (w) s->weights = hana_alloc(n, sizeof *s->weights);
    if (!s->target || (w && !s->weights)) return hana_fail_memory(err);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (w && w[i] <= 0) continue;
        memcpy(s->x.data + kept * x->cols, x->data + i * x->stride,
               x->cols * sizeof *x->data);
        double *target = s->target + kept * s->width;
        if (!classifies)
            target[0] = hana_problem_y(problem)[i];
        else if (proba)
            memcpy(target, proba->data + i * proba->stride, s->width * sizeof *target);
        else
            target[hana_problem_codes(problem)[i]] = 1;
        if (w) s->weights[kept] = w[i];
        kept++;
    }
    s->x.rows = kept;
    return hana_neighbors_new(&s->index, &s->x, s->weights, job, err);
}

typedef struct answer {
    const state *s;
    hana_matrix *out;
} answer;

/* The weighted mean of the neighbors' targets. With weights by distance, rows that are
   equal to the query are the only ones that count where there are any. */
static void answer_query(void *context, size_t i, const hana_neighbor *found, size_t n)
{
    const answer *a = context;
    const state *s = a->s;
    double *out = a->out->data + i * a->out->stride, total = 0;
    int exact = s->by_distance && found[0].distance2 == 0;
    memset(out, 0, s->width * sizeof *out);
    for (size_t k = 0; k < n; k++) {
        double weight = found[k].weight;
        if (exact && found[k].distance2 > 0) break;
        if (s->by_distance && !exact)
            weight *= sqrt(found[0].distance2 / found[k].distance2);
        const double *target = s->target + found[k].row * s->width;
        for (size_t c = 0; c < s->width; c++) out[c] += weight * target[c];
        total += weight;
    }
    for (size_t c = 0; c < s->width; c++) out[c] /= total;
}

static hana_status predict_proba(const void *pointer, hana_problem *x, hana_matrix *out,
                                 hana_job *job, hana_error *err)
{
    const state *s = pointer;
    const hana_matrix *queries;
    HANA_TRY(hana_problem_matrix(&queries, x, err));
    answer a = { .s = s, .out = out };
    return hana_neighbors_search(s->index, queries, (double)s->neighbors, answer_query,
                                 &a, job, err);
}

static hana_status predict(const void *pointer, hana_problem *x, double *out,
                           hana_job *job, hana_error *err)
{
    hana_matrix column = {
        .data = out, .rows = hana_problem_rows(x), .cols = 1, .stride = 1
    };
    return predict_proba(pointer, x, &column, job, err);
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s +
           s->x.rows * (s->x.cols + s->width + (s->weights ? 1 : 0)) * sizeof(double) +
           hana_neighbors_bytes(s->index);
}

static hana_status save(const void *pointer, hana_writer *writer, hana_error *err)
{
    const state *s = pointer;
    HANA_TRY(hana_put_int(writer, "neighbors", s->neighbors, err));
    HANA_TRY(hana_put_int(writer, "by_distance", s->by_distance, err));
    HANA_TRY(hana_put_matrix(writer, "rows", &s->x, err));
    HANA_TRY(hana_put_doubles(writer, "target", s->target, s->x.rows * s->width, err));
    if (!s->weights) return HANA_OK;
    return hana_put_doubles(writer, "weights", s->weights, s->x.rows, err);
}

static hana_status load(void *pointer, hana_reader *reader, hana_error *err)
{
    state *s = pointer;
    int64_t by_distance;
    size_t n_target, n_weights = 0;
    HANA_TRY(hana_get_int(reader, "neighbors", &s->neighbors, err));
    HANA_TRY(hana_get_int(reader, "by_distance", &by_distance, err));
    HANA_TRY(hana_get_matrix(reader, "rows", &s->x, err));
    HANA_TRY(hana_get_doubles(reader, "target", &s->target, &n_target, err));
    int weighted = hana_reader_has(reader, "weights");
    if (weighted)
        HANA_TRY(hana_get_doubles(reader, "weights", &s->weights, &n_weights, err));
    size_t n = s->x.rows;
    if (n == 0 || n_target < n || n_target % n != 0 || (weighted && n_weights != n) ||
        s->neighbors < 1)
        return hana_fail(err, HANA_BAD_FORMAT, "knn: the saved rows are damaged");
    s->by_distance = by_distance != 0;
    s->width = n_target / n;
    return hana_neighbors_new(&s->index, &s->x, s->weights, NULL, err);
}

const hana_learner hana_knn = {
    .part = { .name = "knn",
              .help = "The mean or the class shares of the nearest training rows.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION |
                      HANA_TAG_SOFT_TARGETS | HANA_TAG_KEEPS_ROWS,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .predict = predict,
    .predict_proba = predict_proba,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
};

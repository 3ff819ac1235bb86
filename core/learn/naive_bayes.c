/* Naive Bayes (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd
   ed., section 6.6.3; for counts McCallum and Nigam, "A comparison of event models for
   naive Bayes text classification", AAAI workshop 1998): the features are independent
   given the class. A category has a table of shares, a number a normal density, or a
   count or presence its share, each a class. A missing value says nothing: its factor is
   left out. */
#include "base/memory.h"
#include "base/parallel.h"
#include "learn/learner.h"
#include "learn/logistic.h"

#include <math.h>
#include <string.h>

enum { AUTO, GAUSSIAN, MULTINOMIAL, BERNOULLI };
enum { ROWS_PER_BLOCK = 2048 };

typedef struct options {
    int kind;
    double alpha, var_smoothing;
} options;

static const options defaults = { .alpha = 1, .var_smoothing = 1e-9 };
static const char *const kinds[] = { "auto", "gaussian", "multinomial", "bernoulli",
                                     NULL };

static const hana_option rows[] = {
    HANA_OPTION_CHOICE(
        options, kind, .choices = kinds,
        .help = "what numbers are; auto: multinomial for sparse ones, else gaussian"),
    HANA_OPTION_NUMBER(options, alpha, .high = HUGE_VAL,
                       .help = "rows added to each level or count (Laplace)"),
    HANA_OPTION_NUMBER(options, var_smoothing, .high = HUGE_VAL,
                       .help = "share of the largest variance added to all"),
};

/* One column a class and number j, at [k * features + j]:
   gaussian: mean, 1 / (2 variance), -log(2 pi variance) / 2; multinomial: log share in
   `first`; bernoulli: log share and log of the rest in `first` and `second`. */
typedef struct state {
    int kind; /* never AUTO */
    size_t classes, features;
    double *prior; /* log; classes */
    double *first, *second, *third;
    int64_t
        *table_at; /* features + 1: start of a category's log shares, levels x classes */
    double *tables;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    hana_free(s->prior);
    hana_free(s->first);
    hana_free(s->second);
    hana_free(s->third);
    hana_free(s->table_at);
    hana_free(s->tables);
}

static size_t levels_of(const state *s, size_t j)
{
    return (size_t)(s->table_at[j + 1] - s->table_at[j]) / s->classes;
}

typedef struct fitting {
    state *s;
    const options *options;
    hana_problem *problem;
    size_t n;
    const int32_t *codes;
    const hana_matrix *proba;
    const double *w;
    const double **columns; /* dense, and categories in a sparse problem */
    double *class_weight;
    double *spread; /* gaussian: variance over all classes; a feature */
} fitting;

/* Runs the next statement for each class k that row i belongs to, with its weight there.
 */
#define EACH_CLASS(f, i, k, weight)                                                      \
    for (size_t k = (f)->proba ? 0 : (size_t)(f)->codes[i],                              \
                k##_end = (f)->proba ? (f)->s->classes : k + 1;                          \
         k < k##_end; k++)                                                               \
        for (double weight = class_weight(f, i, k); weight > 0; weight = 0)

static double class_weight(const fitting *f, size_t i, size_t k)
{
    double w = f->w ? f->w[i] : 1;
    return f->proba ? w * f->proba->data[i * f->proba->stride + k] : w;
}

static void fit_category(const fitting *f, size_t j)
{
    state *s = f->s;
    size_t levels = levels_of(s, j), classes = s->classes;
    double *table = s->tables + s->table_at[j], alpha = fmax(f->options->alpha, 1e-10);
    const double *x = f->columns[j];
    for (size_t i = 0; i < f->n; i++) {
        if (isnan(x[i])) continue;
        EACH_CLASS(f, i, k, weight) table[(size_t)x[i] * classes + k] += weight;
    }
    for (size_t k = 0; k < classes; k++) {
        double total = 0;
        for (size_t level = 0; level < levels; level++)
            total += table[level * classes + k];
        for (size_t level = 0; level < levels; level++) {
            double *cell = table + level * classes + k;
            *cell = log((*cell + alpha) / (total + alpha * (double)levels));
        }
    }
}

/* Mean and variance a class, into `first` and `second`; of all rows for a class without
 * values. */
static void fit_gaussian(const fitting *f, size_t j)
{
    state *s = f->s;
    const double *x = f->columns[j];
    double *total = s->third, mean = 0, spread = 0, weight_sum = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (isnan(x[i])) continue;
        EACH_CLASS(f, i, k, weight)
        {
            s->first[k * s->features + j] += weight * x[i];
            total[k * s->features + j] += weight;
        }
    }
    for (size_t k = 0; k < s->classes; k++) {
        size_t at = k * s->features + j;
        mean += s->first[at];
        weight_sum += total[at];
        if (total[at] > 0) s->first[at] /= total[at];
    }
    mean = weight_sum > 0 ? mean / weight_sum : 0;
    for (size_t i = 0; i < f->n; i++) {
        if (isnan(x[i])) continue;
        EACH_CLASS(f, i, k, weight)
        {
            double d = x[i] - s->first[k * s->features + j], e = x[i] - mean;
            s->second[k * s->features + j] += weight * d * d;
            spread += weight * e * e;
        }
    }
    f->spread[j] = weight_sum > 0 ? spread / weight_sum : 0;
    for (size_t k = 0; k < s->classes; k++) {
        size_t at = k * s->features + j;
        s->second[at] = total[at] > 0 ? s->second[at] / total[at] : f->spread[j];
        if (!(total[at] > 0)) s->first[at] = mean;
    }
}

/* Sums of counts (multinomial) or of rows above 0 and rows not missing (bernoulli) a
 * class. */
static hana_status fit_counts(const fitting *f, size_t j, hana_error *err)
{
    state *s = f->s;
    const double *x = f->columns[j];
    for (size_t i = 0; i < f->n; i++) {
        if (isnan(x[i])) continue;
        if (s->kind == MULTINOMIAL && x[i] < 0)
            return hana_fail(
                err, HANA_BAD_DATA,
                "naive_bayes: column '%s' is negative in row %zu, and kind 'multinomial' "
                "needs counts",
                hana_problem_feature(f->problem, j)->name, i + 1);
        EACH_CLASS(f, i, k, weight)
        {
            s->first[k * s->features + j] +=
                weight * (s->kind == MULTINOMIAL ? x[i] : x[i] > 0);
            s->second[k * s->features + j] += weight;
        }
    }
    return HANA_OK;
}

static hana_status fit_column(void *context, size_t j, int worker, hana_error *err)
{
    (void)worker;
    const fitting *f = context;
    if (levels_of(f->s, j) > 0) {
        fit_category(f, j);
        return HANA_OK;
    }
    if (!f->columns[j]) return HANA_OK;
    if (f->s->kind != GAUSSIAN) return fit_counts(f, j, err);
    fit_gaussian(f, j);
    return HANA_OK;
}

/* The counts of a sparse problem in one pass over its entries. */
static hana_status fit_sparse(const fitting *f, const hana_sparse *x, hana_job *job,
                              hana_error *err)
{
    state *s = f->s;
    for (size_t k = 0; k < s->classes; k++)
        for (size_t j = 0; j < s->features; j++)
            s->second[k * s->features + j] = f->class_weight[k];
    for (size_t i = 0; i < f->n; i++) {
        if (i % 4096 == 0) HANA_TRY(hana_job_check(job, err));
        for (int64_t e = x->start[i]; e < x->start[i + 1]; e++) {
            size_t j = (size_t)x->index[e];
            double value = x->values[e];
            if (levels_of(s, j) > 0) continue;
            if (s->kind == MULTINOMIAL && value < 0)
                return hana_fail(
                    err, HANA_BAD_DATA,
                    "naive_bayes: feature '%s' is negative in row %zu, and kind "
                    "'multinomial' needs counts",
                    hana_problem_feature(f->problem, j)->name, i + 1);
            EACH_CLASS(f, i, k, weight)
            {
                size_t at = k * s->features + j;
                if (isnan(value))
                    s->second[at] -= weight;
                else
                    s->first[at] += weight * (s->kind == MULTINOMIAL ? value : value > 0);
            }
        }
    }
    return HANA_OK;
}

/* From sums to the logarithms that prediction adds up. */
static hana_status finish(const fitting *f, hana_error *err)
{
    state *s = f->s;
    double alpha = fmax(f->options->alpha, 1e-10), widest = 0, numbers = 0;
    for (size_t j = 0; j < s->features; j++) {
        numbers += levels_of(s, j) == 0;
        if (f->spread[j] > widest) widest = f->spread[j];
    }
    for (size_t k = 0; k < s->classes; k++) {
        double *first = s->first + k * s->features, *second = s->second + k * s->features;
        double *third = s->third + k * s->features, seen = 0;
        for (size_t j = 0; j < s->features; j++)
            seen += levels_of(s, j) == 0 ? first[j] : 0;
        for (size_t j = 0; j < s->features; j++) {
            if (levels_of(s, j) > 0) continue;
            if (s->kind == MULTINOMIAL) {
                first[j] = log((first[j] + alpha) / (seen + alpha * numbers));
            } else if (s->kind == BERNOULLI) {
                double present = first[j] + alpha, rows_seen = second[j] + 2 * alpha;
                first[j] = log(present / rows_seen);
                second[j] = log((rows_seen - present) / rows_seen);
            } else {
                double variance = second[j] + f->options->var_smoothing * widest;
                if (!isfinite(variance))
                    return hana_fail(
                        err, HANA_NUMERIC,
                        "naive_bayes: column '%s' is too large for doubles; rescale it",
                        hana_problem_feature(f->problem, j)->name);
                if (!(variance > 0))
                    variance = f->spread[j] > 0 ? 1e-12 * f->spread[j] : 1;
                second[j] = 1 / (2 * variance);
                third[j] = -log(2 * 3.14159265358979323846 * variance) / 2;
            }
        }
    }
    return HANA_OK;
}

static hana_status set_up(fitting *f, hana_error *err)
{
    state *s = f->s;
    size_t cells = s->classes * s->features;
    s->prior = hana_alloc_zero(s->classes, sizeof *s->prior);
    s->first = hana_alloc_zero(cells, sizeof *s->first);
    s->second = hana_alloc_zero(cells, sizeof *s->second);
    s->third = hana_alloc_zero(cells, sizeof *s->third);
    s->table_at = hana_alloc_zero(s->features + 1, sizeof *s->table_at);
    f->columns = hana_alloc_zero(s->features, sizeof *f->columns);
    f->class_weight = hana_alloc_zero(s->classes, sizeof *f->class_weight);
    f->spread = hana_alloc_zero(s->features, sizeof *f->spread);
    if (!s->prior || !s->first || !s->second || !s->third || !s->table_at ||
        !f->columns || !f->class_weight || !f->spread)
        return hana_fail_memory(err);
    for (size_t j = 0; j < s->features; j++)
        s->table_at[j + 1] =
            s->table_at[j] +
            (int64_t)(hana_problem_feature(f->problem, j)->n_levels * s->classes);
    s->tables = hana_alloc_zero((size_t)s->table_at[s->features], sizeof *s->tables);
    if (!s->tables) return hana_fail_memory(err);
    double total = 0;
    for (size_t i = 0; i < f->n; i++) EACH_CLASS(f, i, k, weight)
        {
            f->class_weight[k] += weight;
            total += weight;
        }
    for (size_t k = 0; k < s->classes; k++) s->prior[k] = log(f->class_weight[k] / total);
    return HANA_OK;
}

static hana_status learn(fitting *f, hana_job *job, hana_error *err)
{
    state *s = f->s;
    const hana_sparse *sparse = NULL;
    HANA_TRY(set_up(f, err));
    if (hana_problem_is_sparse(f->problem))
        HANA_TRY(hana_problem_sparse(&sparse, f->problem, err));
    for (size_t j = 0; j < s->features; j++)
        if (!sparse || levels_of(s, j) > 0)
            HANA_TRY(hana_problem_column(&f->columns[j], f->problem, j, err));
    HANA_TRY(hana_parallel_steps(job, s->features,
                                 hana_problem_rows(f->problem) * s->features, fit_column,
                                 f, err));
    if (sparse) HANA_TRY(fit_sparse(f, sparse, job, err));
    return finish(f, err);
}

static hana_status fit(void *pointer, const void *opts, hana_problem *problem,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts;
    state *s = pointer;
    fitting f = { .s = s,
                  .options = opts,
                  .problem = problem,
                  .n = hana_problem_rows(problem),
                  .codes = hana_problem_codes(problem),
                  .proba = hana_problem_proba(problem),
                  .w = hana_problem_weights(problem) };
    int sparse = hana_problem_is_sparse(problem);
    s->kind = f.options->kind != AUTO ? f.options->kind : sparse ? MULTINOMIAL : GAUSSIAN;
    s->classes = hana_problem_classes(problem);
    s->features = hana_problem_cols(problem);
    if (sparse && s->kind == GAUSSIAN)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "naive_bayes: kind 'gaussian' does not take sparse features; say "
            "'multinomial' or 'bernoulli'");
    hana_status status = learn(&f, job, err);
    hana_free(f.columns);
    hana_free(f.class_weight);
    hana_free(f.spread);
    return status;
}

typedef struct scoring {
    const state *s;
    const double **columns;
    const hana_sparse *sparse;
    const double *rest; /* bernoulli, sparse: sum of log(1 - p) a class */
    hana_matrix *out;
} scoring;

static void add_column(const scoring *c, size_t j, size_t from, size_t to)
{
    const state *s = c->s;
    const double *x = c->columns[j];
    size_t levels = levels_of(s, j);
    for (size_t i = from; i < to; i++) {
        double *out = c->out->data + i * c->out->stride;
        if (isnan(x[i]) || (levels > 0 && !(x[i] >= 0 && x[i] < (double)levels)))
            continue;
        for (size_t k = 0; k < s->classes; k++) {
            size_t at = k * s->features + j;
            if (levels > 0) {
                out[k] +=
                    s->tables[(size_t)s->table_at[j] + (size_t)x[i] * s->classes + k];
            } else if (s->kind == GAUSSIAN) {
                double d = x[i] - s->first[at];
                out[k] += s->third[at] - d * d * s->second[at];
            } else if (s->kind == MULTINOMIAL) {
                out[k] += x[i] * s->first[at];
            } else {
                out[k] += x[i] > 0 ? s->first[at] : s->second[at];
            }
        }
    }
}

static void add_sparse(const scoring *c, size_t i)
{
    const state *s = c->s;
    double *out = c->out->data + i * c->out->stride;
    for (size_t k = 0; k < s->classes; k++) out[k] += c->rest[k];
    for (int64_t e = c->sparse->start[i]; e < c->sparse->start[i + 1]; e++) {
        size_t j = (size_t)c->sparse->index[e];
        double value = c->sparse->values[e];
        if (levels_of(s, j) > 0) continue;
        for (size_t k = 0; k < s->classes; k++) {
            size_t at = k * s->features + j;
            if (s->kind == MULTINOMIAL)
                out[k] += isnan(value) ? 0 : value * s->first[at];
            else if (!(value <= 0))
                out[k] += (isnan(value) ? 0 : s->first[at]) - s->second[at];
        }
    }
}

static hana_status score_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const scoring *c = context;
    size_t from = block * ROWS_PER_BLOCK, to = from + ROWS_PER_BLOCK;
    if (to > c->out->rows) to = c->out->rows;
    for (size_t i = from; i < to; i++)
        memcpy(c->out->data + i * c->out->stride, c->s->prior,
               c->s->classes * sizeof *c->s->prior);
    for (size_t j = 0; j < c->s->features; j++)
        if (c->columns[j]) add_column(c, j, from, to);
    for (size_t i = from; i < to; i++) {
        if (c->sparse) add_sparse(c, i);
        hana_softmax(c->out->data + i * c->out->stride, c->s->classes);
    }
    return HANA_OK;
}

static hana_status predict_proba(const void *pointer, hana_problem *x, hana_matrix *out,
                                 hana_job *job, hana_error *err)
{
    const state *s = pointer;
    scoring c = { .s = s, .out = out };
    if (hana_problem_cols(x) != s->features)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "naive_bayes: %zu features, fitted with %zu",
                         hana_problem_cols(x), s->features);
    hana_status status = HANA_OK;
    double *rest = hana_alloc_zero(s->classes, sizeof *rest);
    c.columns = hana_alloc_zero(s->features, sizeof *c.columns);
    c.rest = rest;
    if (!c.columns || !rest) {
        status = hana_fail_memory(err);
        goto done;
    }
    if (hana_problem_is_sparse(x)) {
        HANA_GOTO(done, hana_problem_sparse(&c.sparse, x, err));
        for (size_t k = 0; s->kind == BERNOULLI && k < s->classes; k++)
            for (size_t j = 0; j < s->features; j++)
                if (levels_of(s, j) == 0) rest[k] += s->second[k * s->features + j];
    }
    for (size_t j = 0; j < s->features; j++)
        if (!c.sparse || levels_of(s, j) > 0)
            HANA_GOTO(done, hana_problem_column(&c.columns[j], x, j, err));
    status = hana_parallel(job, (out->rows + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK,
                           score_block, &c, err);
done:
    hana_free(c.columns);
    hana_free(rest);
    return status;
}

/* Counts enter the score linearly. */
static hana_status export(const void *pointer, size_t n_features, hana_export *out,
                          hana_error *err)
{
    const state *s = pointer;
    if (s->kind != MULTINOMIAL || s->table_at[s->features] > 0)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "naive_bayes: only kind 'multinomial' without categories can be exported");
    out->kind = HANA_EXPORT_LINEAR;
    out->link = HANA_LINK_SOFTMAX;
    out->n_features = n_features;
    out->n_outputs = s->classes;
    out->coef = hana_alloc(s->classes * s->features, sizeof *out->coef);
    out->intercept = hana_alloc(s->classes, sizeof *out->intercept);
    if (!out->coef || !out->intercept) return hana_fail_memory(err);
    memcpy(out->coef, s->first, s->classes * s->features * sizeof *out->coef);
    memcpy(out->intercept, s->prior, s->classes * sizeof *out->intercept);
    return HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + hana_block_size(s->prior) + hana_block_size(s->first) +
           hana_block_size(s->second) + hana_block_size(s->third) +
           hana_block_size(s->table_at) + hana_block_size(s->tables);
}

static hana_status save(const void *pointer, hana_writer *writer, hana_error *err)
{
    const state *s = pointer;
    size_t cells = s->classes * s->features;
    HANA_TRY(hana_put_string(writer, "kind", kinds[s->kind], err));
    HANA_TRY(hana_put_int(writer, "features", (int64_t)s->features, err));
    HANA_TRY(hana_put_doubles(writer, "prior", s->prior, s->classes, err));
    HANA_TRY(hana_put_doubles(writer, "first", s->first, cells, err));
    HANA_TRY(hana_put_doubles(writer, "second", s->second, cells, err));
    HANA_TRY(hana_put_doubles(writer, "third", s->third, cells, err));
    HANA_TRY(hana_put_ints(writer, "table_at", s->table_at, s->features + 1, err));
    return hana_put_doubles(writer, "tables", s->tables, (size_t)s->table_at[s->features],
                            err);
}

/* Tables follow one another, whole levels each, and end where the array does. */
static int tables_are_sound(const state *s, size_t n_starts, size_t n_tables)
{
    if (n_starts != s->features + 1 || s->table_at[0] != 0) return 0;
    for (size_t j = 0; j < s->features; j++) {
        int64_t size = s->table_at[j + 1] - s->table_at[j];
        if (size < 0 || (size_t)s->table_at[j + 1] > n_tables ||
            (size_t)size % s->classes != 0)
            return 0;
    }
    return (size_t)s->table_at[s->features] == n_tables;
}

static hana_status load(void *pointer, hana_reader *reader, hana_error *err)
{
    state *s = pointer;
    char *kind;
    int64_t features;
    HANA_TRY(hana_get_string(reader, "kind", &kind, err));
    for (int k = GAUSSIAN; kind && kinds[k]; k++)
        if (strcmp(kind, kinds[k]) == 0) s->kind = k;
    hana_free(kind);
    HANA_TRY(hana_get_int(reader, "features", &features, err));
    size_t n_first, n_second, n_third, n_starts, n_tables;
    HANA_TRY(hana_get_doubles(reader, "prior", &s->prior, &s->classes, err));
    HANA_TRY(hana_get_doubles(reader, "first", &s->first, &n_first, err));
    HANA_TRY(hana_get_doubles(reader, "second", &s->second, &n_second, err));
    HANA_TRY(hana_get_doubles(reader, "third", &s->third, &n_third, err));
    HANA_TRY(hana_get_ints(reader, "table_at", &s->table_at, &n_starts, err));
    HANA_TRY(hana_get_doubles(reader, "tables", &s->tables, &n_tables, err));
    s->features = features > 0 ? (size_t)features : 0;
    if (s->kind == AUTO || s->classes == 0 || n_first / s->classes != s->features ||
        n_first % s->classes != 0 || n_second != n_first || n_third != n_first ||
        !tables_are_sound(s, n_starts, n_tables))
        return hana_fail(err, HANA_BAD_FORMAT,
                         "naive_bayes: the saved tables are damaged");
    return HANA_OK;
}

const hana_learner hana_naive_bayes = {
    .part = { .name = "naive_bayes",
              .help = "Class probabilities as if the features were independent within a "
                      "class.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_CLASSIFICATION | HANA_TAG_MISSING | HANA_TAG_CATEGORIES |
                      HANA_TAG_SPARSE | HANA_TAG_SOFT_TARGETS,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .predict_proba = predict_proba,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
};

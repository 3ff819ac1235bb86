#include "learn/crossfit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Class probabilities that mean what they say: the base's out-of-fold probabilities are
   mapped to the labels, one class against the rest, by Platt's sigmoid on the log-odds
   ("Probabilistic outputs for support vector machines", 1999, with the stable Newton of
   Lin, Lin and Weng, Machine Learning 68, 2007) or by isotonic regression (Zadrozny and
   Elkan, KDD 2002). The base is then fitted to all rows. */

enum { SIGMOID, ISOTONIC };
enum { ISOTONIC_ROWS = 1000 }; /* fewer are warned about */
static const char *const methods[] = { "sigmoid", "isotonic", NULL };

typedef struct options {
    const hana_spec *base;
    int method;
    int64_t folds;
} options;

static const options defaults = { .folds = 5 };

static const hana_option rows[] = {
    HANA_OPTION_ESTIMATOR(options, base, .help = "the classifier",
                          .flags = HANA_REQUIRED),
    HANA_OPTION_CHOICE(options, method, .choices = methods,
                       .help = "sigmoid for few rows, isotonic for a thousand and more"),
    HANA_OPTION_INTEGER(options, folds, .low = 2, .high = 1000,
                        .help = "folds of the predictions that the map is learned from"),
};

/* p -> sigmoid: 1 / (1 + exp(a z + b)) of the log-odds z; isotonic: a step curve through
   n points, linear between them. */
typedef struct map {
    double a, b;
    size_t n;
    double *x, *y;
} map;

typedef struct state {
    const hana_fitted *base;
    int method;
    size_t n_maps; /* 1 for two classes (the second), else one a class */
    map *maps;
} state;

static unsigned tags(const hana_spec *spec)
{
    const options *o = hana_spec_options(spec);
    return (hana_spec_tags(o->base) & ~(unsigned)HANA_TAG_REGRESSION) | HANA_TAG_RANDOM |
           HANA_TAG_PROBA | HANA_TAG_META;
}

static void clear(void *pointer)
{
    state *s = pointer;
    for (size_t m = 0; s->maps && m < s->n_maps; m++) {
        hana_free(s->maps[m].x);
        hana_free(s->maps[m].y);
    }
    hana_free(s->maps);
    hana_fitted_release(s->base);
}

static double log_odds(double p)
{
    const double least = 1e-12;
    if (p < least) p = least;
    if (p > 1 - least) p = 1 - least;
    return log(p / (1 - p));
}

static double sigmoid(double f)
{
    return f >= 0 ? exp(-f) / (1 + exp(-f)) : 1 / (1 + exp(f));
}

/* One row for a map: log-odds or probability, share of the class among its label, weight.
 */
typedef struct point {
    double x, y, w;
} point;

static double deviance(const point *points, size_t n, double low, double high, double a,
                       double b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double t = low + points[i].y * (high - low), f = a * points[i].x + b;
        sum +=
            points[i].w * (f >= 0 ? t * f + log1p(exp(-f)) : (t - 1) * f + log1p(exp(f)));
    }
    return sum;
}

static void fit_sigmoid(map *out, const point *points, size_t n)
{
    double positive = 0, negative = 0;
    for (size_t i = 0; i < n; i++) {
        positive += points[i].w * points[i].y;
        negative += points[i].w * (1 - points[i].y);
    }
    /* Platt's targets: not quite 0 and 1, so that few rows do not promise certainty. */
    double high = (positive + 1) / (positive + 2), low = 1 / (negative + 2);
    double a = 0, b = log((negative + 1) / (positive + 1));
    double now = deviance(points, n, low, high, a, b);
    for (int iteration = 0; iteration < 100; iteration++) {
        double haa = 1e-12, hbb = 1e-12, hab = 0, ga = 0, gb = 0;
        for (size_t i = 0; i < n; i++) {
            double p = sigmoid(a * points[i].x + b), t = low + points[i].y * (high - low);
            double d = points[i].w * p * (1 - p), g = points[i].w * (t - p),
                   x = points[i].x;
            haa += x * x * d;
            hbb += d;
            hab += x * d;
            ga += x * g;
            gb += g;
        }
        if (fabs(ga) < 1e-9 && fabs(gb) < 1e-9) break;
        double det = haa * hbb - hab * hab, da = -(hbb * ga - hab * gb) / det;
        double db = -(haa * gb - hab * ga) / det, slope = ga * da + gb * db, step = 1;
        for (; step >= 1e-10; step /= 2) {
            double next = deviance(points, n, low, high, a + step * da, b + step * db);
            if (next < now + 1e-4 * step * slope) {
                a += step * da;
                b += step * db;
                now = next;
                break;
            }
        }
        if (step < 1e-10) break;
    }
    out->a = a;
    out->b = b;
}

static int by_x(const void *a, const void *b)
{
    double x = ((const point *)a)->x, y = ((const point *)b)->x;
    return (x > y) - (x < y);
}

/* Pool adjacent violators over the distinct x; each pool keeps its first and last x. */
static hana_status fit_isotonic(map *out, point *points, size_t n, hana_error *err)
{
    qsort(points, n, sizeof *points, by_x);
    point *pools = hana_alloc(n, sizeof *pools);
    double *last = hana_alloc(n, sizeof *last);
    out->x = hana_alloc(2 * n, sizeof *out->x);
    out->y = hana_alloc(2 * n, sizeof *out->y);
    hana_status status =
        pools && last && out->x && out->y ? HANA_OK : hana_fail_memory(err);
    size_t m = 0;
    for (size_t i = 0; status == HANA_OK && i < n;) {
        point p = { .x = points[i].x };
        double sum = 0;
        for (; i < n && points[i].x == p.x; i++) {
            sum += points[i].w * points[i].y;
            p.w += points[i].w;
        }
        p.y = sum / p.w;
        pools[m] = p;
        last[m++] = p.x;
        while (m > 1 && pools[m - 2].y >= pools[m - 1].y) {
            point *into = &pools[m - 2], *from = &pools[m - 1];
            into->y = (into->y * into->w + from->y * from->w) / (into->w + from->w);
            into->w += from->w;
            last[m - 2] = last[m - 1];
            m--;
        }
    }
    for (size_t k = 0; status == HANA_OK && k < m; k++) {
        out->x[out->n] = pools[k].x;
        out->y[out->n++] = pools[k].y;
        if (last[k] == pools[k].x) continue;
        out->x[out->n] = last[k];
        out->y[out->n++] = pools[k].y;
    }
    hana_free(pools);
    hana_free(last);
    return status;
}

static double apply(const map *m, int method, double p)
{
    if (method == SIGMOID) return sigmoid(m->a * log_odds(p) + m->b);
    if (p <= m->x[0]) return m->y[0];
    if (p >= m->x[m->n - 1]) return m->y[m->n - 1];
    size_t low = 0, high = m->n - 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (m->x[middle] <= p)
            low = middle;
        else
            high = middle;
    }
    double share = (p - m->x[low]) / (m->x[high] - m->x[low]);
    return m->y[low] + share * (m->y[high] - m->y[low]);
}

static hana_status learn(map *out, int method, const hana_matrix *proba,
                         const hana_task *task, size_t class, hana_error *err)
{
    point *points = hana_alloc(task->rows, sizeof *points);
    size_t n = 0, k = proba->cols;
    if (!points) return hana_fail_memory(err);
    for (size_t i = 0; i < task->rows; i++) {
        double p = proba->data[i * proba->stride + class],
               w = task->weights ? task->weights[i] : 1;
        if (isnan(p) || w == 0 || task->codes[i] < 0) continue;
        points[n++] = (point){ .x = method == SIGMOID ? log_odds(p) : p,
                               .y = task->proba.data ? task->proba.data[i * k + class]
                                                     : (size_t)task->codes[i] == class,
                               .w = w };
    }
    hana_status status = HANA_OK;
    if (method == SIGMOID)
        fit_sigmoid(out, points, n);
    else
        status = fit_isotonic(out, points, n, err);
    hana_free(points);
    return status;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = hana_spec_options(spec);
    if (task->target.task != HANA_CLASSIFICATION)
        return hana_fail(err, HANA_BAD_TYPE, "calibrated: the target must have classes");
    size_t k = hana_target_classes(&task->target);
    s->method = o->method;
    s->n_maps = k == 2 ? 1 : k;
    s->maps = hana_alloc_zero(s->n_maps, sizeof *s->maps);
    if (!s->maps) return hana_fail_memory(err);
    if (o->method == ISOTONIC && task->rows - task->unlabeled < ISOTONIC_ROWS)
        hana_job_warn(job,
                      "calibrated: isotonic regression follows the noise of %zu rows; "
                      "below about %d, method = \"sigmoid\" is safer",
                      task->rows - task->unlabeled, ISOTONIC_ROWS);
    hana_crossfit crossfit;
    HANA_TRY(hana_crossfit_run(&crossfit, o->base, task, (size_t)o->folds,
                               HANA_WANT_PROBA, 0, job, err));
    hana_status status = HANA_OK;
    for (size_t m = 0; status == HANA_OK && m < s->n_maps; m++)
        status = learn(&s->maps[m], o->method, &crossfit.out, task, k == 2 ? 1 : m, err);
    hana_crossfit_clear(&crossfit);
    if (status == HANA_OK) status = hana_fit(&s->base, o->base, task, job, err);
    if (status == HANA_OK) *facts = *hana_fitted_facts(s->base);
    return status;
}

static hana_status predict(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    HANA_TRY(hana_fitted_predict_into(out, s->base, frame, want, job, err));
    for (size_t i = 0; i < out->rows; i++) {
        double *p = out->data + i * out->stride, sum = 0;
        if (s->n_maps == 1) {
            p[1] = apply(&s->maps[0], s->method, p[1]);
            p[0] = 1 - p[1];
            continue;
        }
        for (size_t c = 0; c < out->cols; c++) {
            p[c] = apply(&s->maps[c], s->method, p[c]);
            sum += p[c];
        }
        for (size_t c = 0; c < out->cols; c++)
            p[c] = sum > 0 ? p[c] / sum : 1 / (double)out->cols;
    }
    return HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    size_t n = sizeof *s + hana_fitted_bytes(s->base) + s->n_maps * sizeof *s->maps;
    for (size_t m = 0; m < s->n_maps; m++) n += 2 * s->maps[m].n * sizeof(double);
    return n;
}

static hana_status map_key(char **out, size_t m, hana_error *err)
{
    hana_text key = { 0 };
    hana_text_printf(&key, "map_%zu", m + 1);
    return hana_text_take(out, &key, err);
}

static hana_status save_map(const map *m, hana_writer *writer, hana_error *err)
{
    HANA_TRY(hana_put_number(writer, "a", m->a, err));
    HANA_TRY(hana_put_number(writer, "b", m->b, err));
    HANA_TRY(hana_put_doubles(writer, "x", m->x, m->n, err));
    return hana_put_doubles(writer, "y", m->y, m->n, err);
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    HANA_TRY(hana_put_int(writer, "method", s->method, err));
    HANA_TRY(hana_put_int(writer, "maps", (int64_t)s->n_maps, err));
    for (size_t m = 0; m < s->n_maps; m++) {
        char *key;
        HANA_TRY(map_key(&key, m, err));
        hana_status status = hana_writer_enter(writer, key, 1, err);
        hana_free(key);
        HANA_TRY(status);
        status = save_map(&s->maps[m], writer, err);
        hana_writer_leave(writer);
        HANA_TRY(status);
    }
    return hana_fitted_save(s->base, writer, "base", job, err);
}

static hana_status load_map(map *m, int method, hana_reader *reader, hana_error *err)
{
    size_t ny = 0;
    HANA_TRY(hana_get_number(reader, "a", &m->a, err));
    HANA_TRY(hana_get_number(reader, "b", &m->b, err));
    HANA_TRY(hana_get_doubles(reader, "x", &m->x, &m->n, err));
    HANA_TRY(hana_get_doubles(reader, "y", &m->y, &ny, err));
    if (ny != m->n || (method == ISOTONIC && m->n == 0))
        return hana_fail(err, HANA_BAD_FORMAT, "calibrated: the saved map is damaged");
    return HANA_OK;
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    (void)spec;
    state *s = pointer;
    int64_t method, n;
    HANA_TRY(hana_get_int(reader, "method", &method, err));
    HANA_TRY(hana_get_int(reader, "maps", &n, err));
    if (method < SIGMOID || method > ISOTONIC || n < 1 || n > 1000000)
        return hana_fail(err, HANA_BAD_FORMAT, "calibrated: the saved state is damaged");
    s->method = (int)method;
    s->maps = hana_alloc_zero((size_t)n, sizeof *s->maps);
    if (!s->maps) return hana_fail_memory(err);
    s->n_maps = (size_t)n;
    for (size_t m = 0; m < s->n_maps; m++) {
        char *key;
        HANA_TRY(map_key(&key, m, err));
        hana_status status = hana_reader_enter(reader, key, NULL, err);
        hana_free(key);
        HANA_TRY(status);
        status = load_map(&s->maps[m], s->method, reader, err);
        hana_reader_leave(reader);
        HANA_TRY(status);
    }
    HANA_TRY(hana_fitted_load(&s->base, reader, "base", job, err));
    size_t k = hana_target_classes(hana_fitted_target(s->base));
    if (s->n_maps != (k == 2 ? 1 : k))
        return hana_fail(err, HANA_BAD_FORMAT, "calibrated: the saved state is damaged");
    return HANA_OK;
}

static const hana_fitted *child(const hana_fitted *fitted, size_t i, const char **name)
{
    const state *s = hana_fitted_state(fitted);
    if (i > 0) return NULL;
    if (name) *name = "base";
    return s->base;
}

const hana_estimator hana_calibrated = {
    .part = { .name = "calibrated",
              .help = "A classifier whose probabilities are mapped to observed shares.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_META | HANA_TAG_CLASSIFICATION | HANA_TAG_RANDOM,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .tags = tags,
    .fit = fit,
    .predict = predict,
    .summary = hana_child_summary,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
    .child = child
};

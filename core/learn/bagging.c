#include "base/parallel.h"
#include "base/random.h"
#include "learn/estimator.h"
#include "learn/level_guard.h"

#include <math.h>
#include <string.h>

/* Bootstrap aggregation (Breiman, "Bagging predictors", Machine Learning 24, 1996): the
   same spec fitted to samples of the rows, the predictions averaged. */

typedef struct options {
    const hana_spec *base;
    int64_t bags;
    double share;
    int replace;
} options;

static const options defaults = { .bags = 10, .share = 1, .replace = 1 };

static const hana_option rows[] = {
    HANA_OPTION_ESTIMATOR(options, base,
                          .help = "the estimator that is fitted to each sample",
                          .flags = HANA_REQUIRED),
    HANA_OPTION_INTEGER(options, bags, .low = 1, .high = 100000,
                        .help = "how many samples"),
    HANA_OPTION_NUMBER(options, share, .low = 0, .high = 1, .flags = HANA_LOW_OPEN,
                       .help = "rows in a sample, as a share of all"),
    HANA_OPTION_FLAG(options, replace, .help = "draw with replacement"),
};

typedef struct state {
    size_t n;
    const hana_fitted **bags;
    hana_level_guard guard;
} state;

static unsigned tags(const hana_spec *spec)
{
    const options *o = hana_spec_options(spec);
    return (hana_spec_tags(o->base) & ~(unsigned)HANA_TAG_UNLABELED) | HANA_TAG_RANDOM |
           HANA_TAG_PROBA | HANA_TAG_META;
}

static void clear(void *pointer)
{
    state *s = pointer;
    for (size_t b = 0; s->bags && b < s->n; b++) hana_fitted_release(s->bags[b]);
    hana_free(s->bags);
    hana_level_guard_clear(&s->guard);
}

typedef struct run {
    state *state;
    const options *options;
    const hana_task *task;
} run;

static size_t draw(size_t *sample, size_t n, const options *o, uint64_t seed)
{
    hana_stream stream;
    hana_stream_init(&stream, seed);
    size_t m = (size_t)ceil(o->share * (double)n);
    if (o->replace) {
        for (size_t i = 0; i < m; i++) sample[i] = hana_stream_below(&stream, n);
        return m;
    }
    for (size_t i = 0; i < n; i++) sample[i] = i;
    for (size_t i = 0; i < m; i++) {
        size_t j = i + hana_stream_below(&stream, n - i), keep = sample[i];
        sample[i] = sample[j];
        sample[j] = keep;
    }
    return m;
}

static hana_status fit_bag(void *context, size_t b, hana_job *job, hana_error *err)
{
    run *r = context;
    size_t *sample = hana_alloc(r->task->rows, sizeof *sample);
    if (!sample) return hana_fail_memory(err);
    size_t m = draw(sample, r->task->rows, r->options,
                    hana_seed_child(hana_job_seed(job), "bootstrap", 0));
    hana_task task;
    hana_status status = hana_task_take(&task, r->task, sample, m, err);
    hana_free(sample);
    HANA_TRY(status);
    status = hana_fit(&r->state->bags[b], r->options->base, &task, job, err);
    hana_task_clear(&task);
    return status;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts;
    state *s = pointer;
    const options *o = hana_spec_options(spec);
    s->n = (size_t)o->bags;
    s->bags = hana_alloc_zero(s->n, sizeof *s->bags);
    if (!s->bags) return hana_fail_memory(err);
    HANA_TRY(hana_level_guard_learn(&s->guard, task, err));
    hana_task seen = hana_level_guard_task(&s->guard, task);
    run r = { .state = s, .options = o, .task = &seen };
    int host = (hana_spec_tags(o->base) & HANA_TAG_HOST) != 0;
    return hana_units(job, s->n, "bag", host, fit_bag, &r, err);
}

/* Averages in the order of the bags. Class codes (no probabilities) are votes. */
static hana_status add_bag(const state *s, size_t b, const hana_fitted *fitted,
                           const hana_frame *frame, hana_matrix *votes, hana_job *job,
                           hana_error *err)
{
    hana_matrix made;
    size_t k = hana_target_classes(hana_fitted_target(fitted));
    int proba = hana_fitted_has_proba(s->bags[b]);
    HANA_TRY(hana_fitted_predict(&made, s->bags[b], frame,
                                 proba ? HANA_WANT_PROBA : HANA_WANT_VALUES, job, err));
    for (size_t i = 0; i < votes->rows; i++) {
        double *to = votes->data + i * votes->stride;
        const double *from = made.data + i * made.stride;
        if (k && !proba) {
            if (!isnan(from[0])) to[(size_t)from[0]] += 1 / (double)s->n;
            continue;
        }
        for (size_t c = 0; c < votes->cols; c++) to[c] += from[c] / (double)s->n;
    }
    hana_matrix_clear(&made);
    return HANA_OK;
}

static hana_status predict(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err)
{
    (void)want;
    const state *s = hana_fitted_state(fitted);
    HANA_TRY(hana_level_guard_check(&s->guard, hana_spec_name(hana_fitted_spec(fitted)),
                                    frame, err));
    hana_status status = HANA_OK;
    for (size_t b = 0; status == HANA_OK && b < s->n; b++) {
        status = hana_job_check(job, err);
        if (status == HANA_OK) status = add_bag(s, b, fitted, frame, out, job, err);
    }
    return status;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    size_t n = sizeof *s;
    for (size_t b = 0; b < s->n; b++) n += hana_fitted_bytes(s->bags[b]);
    return n;
}

static hana_status bag_key(char **out, size_t b, hana_error *err)
{
    hana_text key = { 0 };
    hana_text_printf(&key, "bag_%zu", b + 1);
    return hana_text_take(out, &key, err);
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    HANA_TRY(hana_put_int(writer, "bags", (int64_t)s->n, err));
    HANA_TRY(hana_level_guard_save(&s->guard, writer, err));
    for (size_t b = 0; b < s->n; b++) {
        char *key;
        HANA_TRY(bag_key(&key, b, err));
        hana_status status = hana_fitted_save(s->bags[b], writer, key, job, err);
        hana_free(key);
        HANA_TRY(status);
    }
    return HANA_OK;
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    (void)spec;
    state *s = pointer;
    int64_t n;
    HANA_TRY(hana_get_int(reader, "bags", &n, err));
    if (n < 1 || n > 100000)
        return hana_fail(err, HANA_BAD_FORMAT, "bagging: the saved state is damaged");
    HANA_TRY(hana_level_guard_load(&s->guard, reader, err));
    s->bags = hana_alloc_zero((size_t)n, sizeof *s->bags);
    if (!s->bags) return hana_fail_memory(err);
    s->n = (size_t)n;
    for (size_t b = 0; b < s->n; b++) {
        char *key;
        HANA_TRY(bag_key(&key, b, err));
        hana_status status = hana_fitted_load(&s->bags[b], reader, key, job, err);
        hana_free(key);
        HANA_TRY(status);
    }
    return HANA_OK;
}

static const hana_fitted *child(const hana_fitted *fitted, size_t i, const char **name)
{
    const state *s = hana_fitted_state(fitted);
    if (i >= s->n) return NULL;
    if (name) *name = "bag";
    return s->bags[i];
}

const hana_estimator hana_bagging = {
    .part = { .name = "bagging",
              .help = "The same estimator fitted to bootstrap samples, its predictions "
                      "averaged.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_META | HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION |
                      HANA_TAG_RANDOM,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .tags = tags,
    .fit = fit,
    .predict = predict,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
    .child = child
};

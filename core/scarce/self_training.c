#include "learn/estimator.h"

#include <math.h>
#include <string.h>

/* Self-training (Yarowsky, "Unsupervised word sense disambiguation rivaling supervised
   methods", ACL 1995): a classifier labels the unlabeled rows it is sure of, and learns
   from them too. */

typedef struct options {
    const hana_spec *base;
    double threshold, weight;
    int64_t max_iter;
} options;

static const options defaults = { .threshold = 0.9, .weight = 1, .max_iter = 10 };

static const hana_option rows[] = {
    HANA_OPTION_ESTIMATOR(options, base,
                          .help = "the classifier, which gives probabilities",
                          .flags = HANA_REQUIRED),
    HANA_OPTION_NUMBER(options, threshold, .low = 0, .high = 1, .flags = HANA_LOW_OPEN,
                       .help =
                           "a row gets a label when a class is at least this probable"),
    HANA_OPTION_NUMBER(options, weight, .low = 0, .high = 1, .flags = HANA_LOW_OPEN,
                       .help = "weight of a row with such a label"),
    HANA_OPTION_INTEGER(options, max_iter, .low = 1, .high = 10000,
                        .help = "rounds of labeling"),
};

typedef struct state {
    const hana_fitted *last;
    int64_t added; /* rows that got a label */
} state;

static unsigned tags(const hana_spec *spec)
{
    const options *o = hana_spec_options(spec);
    unsigned base = hana_spec_tags(o->base) & ~(unsigned)HANA_TAG_REGRESSION;
    return base | HANA_TAG_UNLABELED | HANA_TAG_META;
}

static void clear(void *pointer)
{
    state *s = pointer;
    hana_fitted_release(s->last);
}

/* The rows that have a label by now, with the weight of the made-up ones. */
static hana_status labeled(hana_task *out, const hana_task *task, const int32_t *codes,
                           double weight, hana_error *err)
{
    size_t *chosen = hana_alloc(task->rows, sizeof *chosen), n = 0;
    if (!chosen) return hana_fail_memory(err);
    for (size_t i = 0; i < task->rows; i++)
        if (codes[i] >= 0) chosen[n++] = i;
    hana_status status = n ? hana_task_take(out, task, chosen, n, err)
                           : hana_fail(err, HANA_BAD_DATA, "no row has a label");
    if (status == HANA_OK && weight != 1 && !out->weights) {
        out->weights = hana_alloc(n, sizeof *out->weights);
        for (size_t i = 0; out->weights && i < n; i++) out->weights[i] = 1;
        if (!out->weights) {
            hana_task_clear(out);
            status = hana_fail_memory(err);
        }
    }
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        int made_up = task->codes[chosen[i]] < 0;
        out->codes[i] = codes[chosen[i]];
        if (made_up && out->weights) out->weights[i] *= weight;
        for (size_t c = 0; made_up && out->proba.data && c < out->proba.cols; c++)
            out->proba.data[i * out->proba.cols + c] = c == (size_t)codes[chosen[i]];
    }
    if (status == HANA_OK) out->unlabeled = 0;
    hana_free(chosen);
    return status;
}

/* Gives labels to rows that have none yet; the number of those. */
static hana_status label_more(size_t *added, int32_t *codes, const state *s,
                              const hana_task *task, double threshold, hana_job *job,
                              hana_error *err)
{
    size_t *open = hana_alloc(task->rows, sizeof *open), n = 0;
    if (!open) return hana_fail_memory(err);
    for (size_t i = 0; i < task->rows; i++)
        if (codes[i] < 0) open[n++] = i;
    *added = 0;
    hana_frame *frame = NULL;
    hana_matrix proba = { 0 };
    hana_status status = hana_frame_take(&frame, task->frame, open, n, err);
    if (status == HANA_OK)
        status = hana_fitted_predict(&proba, s->last, frame, HANA_WANT_PROBA, job, err);
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        const double *p = proba.data + i * proba.stride;
        size_t best = 0;
        for (size_t c = 1; c < proba.cols; c++)
            if (p[c] > p[best]) best = c;
        if (!(p[best] >= threshold)) continue;
        codes[open[i]] = (int32_t)best;
        (*added)++;
    }
    hana_matrix_clear(&proba);
    hana_frame_release(frame);
    hana_free(open);
    return status;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = hana_spec_options(spec);
    if (task->target.task != HANA_CLASSIFICATION)
        return hana_fail(err, HANA_BAD_TYPE,
                         "self_training: the target must have classes");
    int32_t *codes = hana_alloc(task->rows, sizeof *codes);
    if (!codes) return hana_fail_memory(err);
    memcpy(codes, task->codes, task->rows * sizeof *codes);
    size_t open = task->unlabeled;
    hana_status status = HANA_OK;
    facts->has_iterations = 1;
    for (;;) {
        hana_task now;
        const hana_fitted *fitted;
        status = labeled(&now, task, codes, o->weight, err);
        if (status != HANA_OK) break;
        status = hana_fit(&fitted, o->base, &now, job, err);
        hana_task_clear(&now);
        if (status != HANA_OK) break;
        hana_fitted_release(s->last);
        s->last = fitted;
        if (!hana_fitted_has_proba(fitted)) {
            status = hana_fail(err, HANA_UNSUPPORTED,
                               "self_training: %s gives no probabilities to be sure by",
                               hana_spec_name(o->base));
            break;
        }
        size_t added = 0;
        if (open == 0 || facts->iterations == o->max_iter) break;
        status = label_more(&added, codes, s, task, o->threshold, job, err);
        if (status != HANA_OK || added == 0) break;
        facts->iterations++;
        open -= added;
        s->added += (int64_t)added;
    }
    hana_free(codes);
    return status;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + hana_fitted_bytes(s->last);
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    HANA_TRY(hana_put_int(writer, "added", s->added, err));
    return hana_fitted_save(s->last, writer, "base", job, err);
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    (void)spec;
    state *s = pointer;
    HANA_TRY(hana_get_int(reader, "added", &s->added, err));
    return hana_fitted_load(&s->last, reader, "base", job, err);
}

static const hana_fitted *child(const hana_fitted *fitted, size_t i, const char **name)
{
    const state *s = hana_fitted_state(fitted);
    if (i > 0) return NULL;
    if (name) *name = "base";
    return s->last;
}

const hana_estimator hana_self_training = {
    .part = { .name = "self_training",
              .help =
                  "A classifier that also learns from the unlabeled rows it is sure of.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_META | HANA_TAG_CLASSIFICATION | HANA_TAG_UNLABELED,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .tags = tags,
    .fit = fit,
    .predict = hana_child_predict,
    .summary = hana_child_summary,
    .print = hana_child_print,
    .export = hana_child_export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
    .child = child
};

#include "learn/design.h"
#include "learn/fitted.h"

#include <math.h>
#include <string.h>

/* Any learner as an estimator: what all learners share is done here once. Rows without
   weight are left out, classes that do not occur are taken away before the fit and given
   back (with probability 0) at prediction, class weights are multiplied in, class
   probabilities are expanded into weighted rows for learners that know labels only. */

typedef struct state {
    hana_design design;
    size_t n_classes; /* of the task */
    size_t n_present; /* classes the learner saw; 1: it was not asked, the answer is that
                         one */
    int32_t *present; /* their codes */
    const hana_learner *learner;
    void *learned; /* learner->state_size bytes; NULL when there was one class only */
} state;

static const hana_learner *learner_of(const hana_spec *spec)
{
    return (const hana_learner *)hana_spec_part(spec);
}

const void *hana_driver_state(const hana_fitted *fitted)
{
    return ((const state *)fitted->state)->learned;
}

static void clear(void *pointer)
{
    state *s = pointer;
    if (s->learned) {
        if (s->learner->clear) s->learner->clear(s->learned);
        hana_free(s->learned);
    }
    hana_free(s->present);
    hana_design_clear(&s->design);
}

/* Which rows take part, as which class and with which weight. With probabilities that are
   expanded, a row stands several times. */
typedef struct entries {
    size_t n;
    size_t *rows;
    int32_t *codes;  /* NULL unless classification */
    double *weights; /* NULL: all 1 */
} entries;

static void clear_entries(entries *e)
{
    hana_free(e->rows);
    hana_free(e->codes);
    hana_free(e->weights);
}

/* Weight of class c from the option, 1 when there is none. */
static hana_status class_weights(double **out, const hana_spec *spec,
                                 const hana_task *task, hana_error *err)
{
    const hana_value *given = hana_spec_class_weights(spec);
    if (!given || task->target.task != HANA_CLASSIFICATION) return HANA_OK;
    size_t k = hana_target_classes(&task->target);
    double *weights = hana_alloc_zero(k, sizeof *weights);
    if (!weights) return hana_fail_memory(err);
    if (given->kind ==
        HANA_VALUE_STRING) { /* balanced: n / (k * n_c), as scikit-learn has it */
        double total = 0;
        size_t present = 0;
        for (size_t i = 0; i < task->rows; i++) {
            if (task->codes[i] < 0) continue;
            double w = task->weights ? task->weights[i] : 1;
            for (size_t c = 0; task->proba.data && c < k; c++)
                weights[c] += w * task->proba.data[i * k + c];
            if (!task->proba.data) weights[task->codes[i]] += w;
            total += w;
        }
        for (size_t c = 0; c < k; c++) present += weights[c] > 0;
        for (size_t c = 0; c < k; c++)
            if (weights[c] > 0) weights[c] = total / ((double)present * weights[c]);
        *out = weights;
        return HANA_OK;
    }
    hana_status status = HANA_OK;
    for (size_t c = 0; c < k; c++) weights[c] = 1;
    for (size_t m = 0; status == HANA_OK && m < given->as.map->n; m++) {
        hana_text name = { 0 };
        size_t found = k;
        for (size_t c = 0; c < k && found == k; c++) {
            name.length = 0;
            hana_target_class_name(&name, &task->target, c);
            if (name.data && strcmp(name.data, given->as.map->keys[m]) == 0) found = c;
        }
        hana_text_clear(&name);
        if (found == k)
            status =
                hana_fail(err, HANA_BAD_ARGUMENT,
                          "%s: class_weights names '%s', which is no class of the target",
                          hana_spec_name(spec), given->as.map->keys[m]);
        else
            hana_value_as_number(&given->as.map->items[m], &weights[found]);
    }
    if (status == HANA_OK)
        *out = weights;
    else
        hana_free(weights);
    return status;
}

/* Fills the entries. `expand`: class probabilities become weighted rows. */
static hana_status choose(entries *e, const hana_task *task, const double *by_class,
                          int expand, hana_error *err)
{
    int classify = task->target.task == HANA_CLASSIFICATION;
    size_t k = classify ? hana_target_classes(&task->target) : 1;
    size_t most = expand ? task->rows * k : task->rows;
    e->rows = hana_alloc(most, sizeof *e->rows);
    if (classify) e->codes = hana_alloc(most, sizeof *e->codes);
    if (task->weights || by_class || expand)
        e->weights = hana_alloc(most, sizeof *e->weights);
    if (!e->rows || (classify && !e->codes) ||
        ((task->weights || by_class || expand) && !e->weights))
        return hana_fail_memory(err);
    for (size_t i = 0; i < task->rows; i++) {
        double w = task->weights ? task->weights[i] : 1;
        int32_t code = classify ? task->codes[i] : 0;
        for (size_t c = 0; c < (expand && code >= 0 ? k : 1); c++) {
            double p = w;
            if (expand && code >= 0) {
                p = w * task->proba.data[i * k + c];
                code = (int32_t)c;
            }
            /* With native soft targets the class weights are applied to the
             * probabilities. */
            if (by_class && code >= 0 && !(task->proba.data && !expand))
                p *= by_class[code];
            if (p == 0) continue;
            e->rows[e->n] = i;
            if (classify) e->codes[e->n] = code;
            if (e->weights) e->weights[e->n] = p;
            e->n++;
        }
    }
    if (e->n == 0) return hana_fail(err, HANA_BAD_DATA, "no row has a weight above 0");
    return HANA_OK;
}

/* Classes that occur among the entries (or have probability), and their new codes. */
static hana_status find_present(state *s, int32_t **code_of, const entries *e,
                                const hana_task *task, int soft, hana_error *err)
{
    size_t k = s->n_classes;
    double *mass = hana_alloc_zero(k, sizeof *mass);
    s->present = hana_alloc(k, sizeof *s->present);
    *code_of = hana_alloc(k, sizeof **code_of);
    if (!mass || !s->present || !*code_of) {
        hana_free(mass);
        return hana_fail_memory(err);
    }
    for (size_t i = 0; i < e->n; i++) {
        if (e->codes[i] < 0) continue;
        if (!soft) mass[e->codes[i]] += 1;
        for (size_t c = 0; soft && c < k; c++)
            mass[c] += task->proba.data[e->rows[i] * k + c];
    }
    for (size_t c = 0; c < k; c++) {
        (*code_of)[c] = mass[c] > 0 ? (int32_t)s->n_present : -1;
        if (mass[c] > 0) s->present[s->n_present++] = (int32_t)c;
    }
    hana_free(mass);
    if (s->n_present == 0) return hana_fail(err, HANA_BAD_DATA, "no row has a label");
    return HANA_OK;
}

/* Gives the problem its target: numbers or codes, soft probabilities, weights. */
static hana_status set_target(hana_problem *p, const state *s, entries *e,
                              const int32_t *code_of, const hana_task *task,
                              const double *by_class, int soft, hana_error *err)
{
    p->task = task->target.task;
    p->weights = e->weights;
    e->weights = NULL;
    if (p->task == HANA_REGRESSION) {
        p->y = hana_alloc(e->n, sizeof *p->y);
        if (!p->y) return hana_fail_memory(err);
        for (size_t i = 0; i < e->n; i++) p->y[i] = task->y[e->rows[i]];
    }
    if (p->task != HANA_CLASSIFICATION) return HANA_OK;
    size_t k = s->n_classes, m = s->n_present;
    p->n_classes = m;
    p->codes = e->codes;
    e->codes = NULL;
    for (size_t i = 0; i < e->n; i++)
        if (p->codes[i] >= 0) p->codes[i] = code_of[p->codes[i]];
    if (!soft) return HANA_OK;
    HANA_TRY(hana_matrix_new(&p->proba, e->n, m, err));
    if (by_class && !p->weights) {
        p->weights = hana_alloc(e->n, sizeof *p->weights);
        if (!p->weights) return hana_fail_memory(err);
        for (size_t i = 0; i < e->n; i++) p->weights[i] = 1;
    }
    for (size_t i = 0; i < e->n; i++) {
        double *to = p->proba.data + i * m, sum = 0;
        const double *from = task->proba.data + e->rows[i] * k;
        for (size_t c = 0; c < m; c++) {
            size_t full = (size_t)s->present[c];
            to[c] = from[full] * (by_class ? by_class[full] : 1);
            sum += to[c];
        }
        if (!by_class || !(sum > 0)) continue;
        p->weights[i] *= sum;
        for (size_t c = 0; c < m; c++) to[c] /= sum;
    }
    return HANA_OK;
}

static hana_status fit_on(state *s, const hana_spec *spec, const hana_task *task,
                          entries *e, const int32_t *code_of, const double *by_class,
                          int soft, hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    const hana_learner *learner = s->learner;
    const void *options = hana_spec_options(spec);
    int whole = e->n == task->rows;
    for (size_t i = 0; whole && i < e->n; i++) whole = e->rows[i] == i;
    hana_frame *taken = NULL;
    if (!whole) HANA_TRY(hana_frame_take(&taken, task->frame, e->rows, e->n, err));
    hana_task seen = *task; /* borrowed: the design looks at frame and roles alone */
    if (taken) seen.frame = taken;
    hana_problem *problem = NULL;
    hana_status status = hana_design_fit(
        &s->design, &seen, learner->part.tags,
        learner->full_rank ? learner->full_rank(options) : 0, hana_spec_name(spec), err);
    if (status == HANA_OK)
        status = hana_design_apply(&problem, &s->design, seen.frame, job, err);
    if (status == HANA_OK)
        status = set_target(problem, s, e, code_of, task, by_class, soft, err);
    if (status == HANA_OK &&
        !(task->target.task == HANA_CLASSIFICATION && s->n_present == 1)) {
        s->learned = hana_alloc_zero(1, learner->state_size ? learner->state_size : 1);
        status = s->learned ? learner->fit(s->learned, options, problem, facts, job, err)
                            : hana_fail_memory(err);
    }
    hana_problem_free(problem);
    hana_frame_release(taken);
    return status;
}

static hana_status check_task(const hana_spec *spec, const hana_task *task,
                              hana_error *err)
{
    const hana_part *part = hana_spec_part(spec);
    const char *name = hana_spec_name(spec), *target = task->roles->target;
    if (!target) target = "target_proba";
    unsigned need = task->target.task == HANA_REGRESSION       ? HANA_TAG_REGRESSION
                    : task->target.task == HANA_CLASSIFICATION ? HANA_TAG_CLASSIFICATION
                                                               : HANA_TAG_NO_TARGET;
    if (!(part->tags & need) && !(part->tags & HANA_TAG_NO_TARGET)) {
        if (need == HANA_TAG_NO_TARGET)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "%s needs a target: fit(df, \"column\")", name);
        if (need == HANA_TAG_REGRESSION)
            return hana_fail(
                err, HANA_BAD_TYPE,
                "%s is a classifier, and target '%s' is a number: say task = "
                "\"classification\" if its values are classes",
                name, target);
        return hana_fail(err, HANA_BAD_TYPE,
                         "%s predicts numbers, and target '%s' has classes", name,
                         target);
    }
    if (task->unlabeled && task->target.task != HANA_NO_TARGET &&
        !(part->tags & HANA_TAG_UNLABELED))
        return hana_fail(
            err, HANA_BAD_DATA,
            "target '%s' is null in %zu of %zu rows, and %s learns from labeled "
            "rows only: drop_null{ \"%s\" }, or wrap it in self_training",
            target, task->unlabeled, task->rows, name, target);
    return HANA_OK;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    state *s = pointer;
    s->learner = learner_of(spec);
    HANA_TRY(check_task(spec, task, err));
    int classify = task->target.task == HANA_CLASSIFICATION;
    s->n_classes = classify ? hana_target_classes(&task->target) : 0;
    int soft = task->proba.data && (s->learner->part.tags & HANA_TAG_SOFT_TARGETS);
    entries e = { 0 };
    double *by_class = NULL;
    int32_t *code_of = NULL;
    hana_status status = class_weights(&by_class, spec, task, err);
    if (status == HANA_OK)
        status = choose(&e, task, by_class, task->proba.data && !soft, err);
    if (status == HANA_OK && classify)
        status = find_present(s, &code_of, &e, task, soft, err);
    if (status == HANA_OK)
        status = fit_on(s, spec, task, &e, code_of, by_class, soft, facts, job, err);
    clear_entries(&e);
    hana_free(by_class);
    hana_free(code_of);
    return status;
}

static int has_proba(const hana_fitted *fitted)
{
    const state *s = fitted->state;
    return s->learner->predict_proba != NULL;
}

/* Columns of the present classes to their places; the others stay 0. */
static void give_back(hana_matrix *out, const hana_matrix *seen, const state *s)
{
    for (size_t i = 0; i < seen->rows; i++)
        for (size_t c = 0; c < s->n_present; c++)
            out->data[i * out->stride + (size_t)s->present[c]] =
                seen->data[i * seen->stride + c];
}

static hana_status predict_on(const state *s, hana_problem *x, hana_want want,
                              hana_matrix *out, hana_job *job, hana_error *err)
{
    const hana_learner *learner = s->learner;
    if (want == HANA_WANT_VALUES) {
        if (!learner->predict)
            return hana_fail(err, HANA_UNSUPPORTED, "%s does not predict",
                             learner->part.name);
        HANA_TRY(learner->predict(s->learned, x, out->data, job, err));
        for (size_t i = 0; s->n_classes && i < out->rows; i++)
            if (!isnan(out->data[i])) out->data[i] = s->present[(size_t)out->data[i]];
        return HANA_OK;
    }
    if (s->n_present == s->n_classes)
        return learner->predict_proba(s->learned, x, out, job, err);
    hana_matrix seen;
    HANA_TRY(hana_matrix_new(&seen, out->rows, s->n_present, err));
    hana_status status = learner->predict_proba(s->learned, x, &seen, job, err);
    if (status == HANA_OK) give_back(out, &seen, s);
    hana_matrix_clear(&seen);
    return status;
}

static hana_status predict(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err)
{
    const state *s = fitted->state;
    hana_problem *x;
    HANA_TRY(hana_design_apply(&x, &s->design, frame, job, err));
    hana_status status = HANA_OK;
    if (s->learned) {
        status = predict_on(s, x, want, out, job, err);
    } else { /* one class was seen */
        size_t c = (size_t)s->present[0];
        for (size_t i = 0; i < out->rows; i++)
            if (want == HANA_WANT_PROBA)
                out->data[i * out->stride + c] = 1;
            else
                out->data[i] = (double)c;
    }
    hana_problem_free(x);
    return status;
}

static hana_status output_frame(hana_frame **out, const char *stem,
                                const hana_matrix *matrix, hana_error *err)
{
    size_t k = matrix->cols, n = matrix->rows;
    hana_names names = { 0 };
    const hana_column **columns = hana_alloc_zero(k, sizeof *columns);
    double *values = hana_alloc(n, sizeof *values);
    hana_status status = columns && values ? HANA_OK : hana_fail_memory(err);
    for (size_t j = 0; status == HANA_OK && j < k; j++) {
        hana_text name = { 0 };
        hana_text_printf(&name, "%s_%zu", stem, j + 1);
        status =
            name.failed ? hana_fail_memory(err) : hana_names_add(&names, name.data, err);
        hana_text_clear(&name);
        for (size_t i = 0; i < n; i++) values[i] = matrix->data[i * matrix->stride + j];
        hana_column *column;
        if (status == HANA_OK)
            status = hana_column_from_floats(&column, values, NULL, n, err);
        if (status == HANA_OK) columns[j] = column;
    }
    if (status == HANA_OK)
        status =
            hana_frame_new(out, (const char *const *)names.items, columns, k, n, err);
    for (size_t j = 0; columns && j < k; j++) hana_column_release(columns[j]);
    hana_free(columns);
    hana_free(values);
    hana_names_clear(&names);
    return status;
}

static hana_status transform(const hana_fitted *fitted, const hana_frame *frame,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    const state *s = fitted->state;
    if (!s->learner->transform || !s->learner->width)
        return hana_fail(err, HANA_UNSUPPORTED, "%s does not transform",
                         hana_spec_name(fitted->spec));
    hana_problem *x;
    HANA_TRY(hana_design_apply(&x, &s->design, frame, job, err));
    hana_matrix made = { 0 };
    hana_status status =
        hana_matrix_new(&made, hana_problem_rows(x), s->learner->width(s->learned), err);
    if (status == HANA_OK) status = s->learner->transform(s->learned, x, &made, job, err);
    if (status == HANA_OK)
        status = output_frame(out, hana_spec_name(fitted->spec), &made, err);
    hana_matrix_clear(&made);
    hana_problem_free(x);
    return status;
}

/* The target as the learner saw it: the present classes only. */
static hana_status seen_target(hana_target *out, const hana_fitted *fitted,
                               hana_error *err)
{
    const state *s = fitted->state;
    *out = (hana_target){ .task = fitted->target.task,
                          .type = fitted->target.type,
                          .positive = -1 };
    if (!fitted->target.classes) return HANA_OK;
    size_t *rows = hana_alloc(s->n_present, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    for (size_t c = 0; c < s->n_present; c++) {
        rows[c] = (size_t)s->present[c];
        if (s->present[c] == fitted->target.positive) out->positive = (ptrdiff_t)c;
    }
    hana_column *classes;
    hana_status status =
        hana_column_take(&classes, fitted->target.classes, rows, s->n_present, err);
    hana_free(rows);
    if (status == HANA_OK) out->classes = classes;
    return status;
}

static hana_status check_learned(const hana_fitted *fitted, int has_slot,
                                 const char *what, hana_error *err)
{
    const state *s = fitted->state;
    if (!has_slot)
        return hana_fail(err, HANA_UNSUPPORTED, "%s %s", hana_spec_name(fitted->spec),
                         what);
    if (!s->learned)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "%s saw one class only: there is nothing to show",
                         hana_spec_name(fitted->spec));
    return HANA_OK;
}

static hana_status summary(const hana_fitted *fitted, hana_frame **out, hana_error *err)
{
    const state *s = fitted->state;
    HANA_TRY(check_learned(fitted, s->learner->summary != NULL, "has no summary", err));
    hana_target target;
    HANA_TRY(seen_target(&target, fitted, err));
    hana_status status = s->learner->summary(s->learned, s->design.features,
                                             s->design.n_features, &target, out, err);
    hana_target_clear(&target);
    return status;
}

static hana_status print(const hana_fitted *fitted, hana_text *out, hana_error *err)
{
    const state *s = fitted->state;
    HANA_TRY(check_learned(fitted, s->learner->print != NULL,
                           "cannot be written as rules", err));
    hana_target target;
    HANA_TRY(seen_target(&target, fitted, err));
    hana_status status = s->learner->print(s->learned, s->design.features,
                                           s->design.n_features, &target, out, err);
    hana_target_clear(&target);
    return status;
}

static hana_status export(const hana_fitted *fitted, hana_export *out, hana_error *err)
{
    const state *s = fitted->state;
    HANA_TRY(
        check_learned(fitted, s->learner->export != NULL, "cannot be exported", err));
    if (s->n_classes != s->n_present)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "%s did not see all classes of the target and cannot be exported",
            hana_spec_name(fitted->spec));
    HANA_TRY(hana_design_export(&s->design, out, err));
    return s->learner->export(s->learned, s->design.n_features, out, err);
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    size_t n = hana_design_bytes(&s->design) + s->n_present * sizeof *s->present;
    if (s->learned)
        n += s->learner->bytes ? s->learner->bytes(s->learned) : s->learner->state_size;
    return n;
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)job;
    const state *s = fitted->state;
    if (!s->learner->save)
        return hana_fail(err, HANA_UNSUPPORTED, "%s cannot be saved",
                         hana_spec_name(fitted->spec));
    HANA_TRY(hana_put_int(writer, "classes", (int64_t)s->n_classes, err));
    HANA_TRY(hana_put_codes(writer, "present", s->present, s->n_present, err));
    HANA_TRY(hana_design_save(&s->design, writer, err));
    HANA_TRY(hana_put_int(writer, "learned", s->learned != NULL, err));
    if (!s->learned) return HANA_OK;
    HANA_TRY(hana_writer_enter(writer, "learner", s->learner->part.version, err));
    hana_status status = s->learner->save(s->learned, writer, err);
    hana_writer_leave(writer);
    return status;
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    (void)job;
    state *s = pointer;
    int64_t classes, learned;
    s->learner = learner_of(spec);
    HANA_TRY(hana_get_int(reader, "classes", &classes, err));
    HANA_TRY(hana_get_codes(reader, "present", &s->present, &s->n_present, err));
    s->n_classes = (size_t)classes;
    int sound = classes >= 0 && s->n_present <= s->n_classes;
    for (size_t c = 0; sound && c < s->n_present; c++)
        sound = s->present[c] >= 0 && s->present[c] < classes;
    if (!sound)
        return hana_fail(err, HANA_BAD_FORMAT, "%s: the saved classes are damaged",
                         hana_spec_name(spec));
    HANA_TRY(hana_design_load(&s->design, reader, err));
    HANA_TRY(hana_get_int(reader, "learned", &learned, err));
    if (!learned) return HANA_OK;
    s->learned = hana_alloc_zero(1, s->learner->state_size ? s->learner->state_size : 1);
    if (!s->learned) return hana_fail_memory(err);
    HANA_TRY(hana_reader_enter(reader, "learner", NULL, err));
    hana_status status = s->learner->load(s->learned, reader, err);
    hana_reader_leave(reader);
    return status;
}

const hana_estimator hana_driver = {
    .part = { .name = "learner", .kind = HANA_PART_ESTIMATOR, .version = 1 },
    .state_size = sizeof(state),
    .fit = fit,
    .predict = predict,
    .has_proba = has_proba,
    .transform = transform,
    .summary = summary,
    .print = print,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear
};

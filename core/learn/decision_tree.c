/* Decision trees for classification and regression (Breiman, Friedman, Olshen and Stone,
   Classification and Regression Trees, 1984). Departures: missing values go to the side
   that fits better instead of surrogate splits; with more than two classes, levels are
   ordered by a principal component. */
#include "base/memory.h"
#include "learn/tree_grow.h"

#include <math.h>

typedef struct options {
    int criterion;
    int64_t max_depth, max_leaves;
    double min_leaf, min_split, prune;
} options;

enum { AUTO, GINI, ENTROPY, SQUARED };

static const options defaults = { .min_leaf = 1, .min_split = 2 };
static const char *const criteria[] = { "auto", "gini", "entropy", "squared", NULL };

static const hana_option rows[] = {
    HANA_OPTION_CHOICE(options, criterion,
                       .help = "impurity; auto: gini for classes, squared for numbers",
                       .choices = criteria),
    HANA_OPTION_INTEGER(options, max_depth,
                        .help = "most splits above a leaf; 0: no limit",
                        .high = HUGE_VAL),
    HANA_OPTION_INTEGER(options, max_leaves,
                        .help = "most leaves, grown best first; 0: no limit",
                        .high = HUGE_VAL),
    HANA_OPTION_NUMBER(options, min_leaf,
                       .help = "smallest weight of a leaf (a row weighs 1)",
                       .high = HUGE_VAL),
    HANA_OPTION_NUMBER(options, min_split,
                       .help = "smallest weight of a node that is split",
                       .high = HUGE_VAL),
    HANA_OPTION_NUMBER(options, prune,
                       .help = "impurity that a leaf must save (cost-complexity alpha)",
                       .high = HUGE_VAL),
};

static hana_status choose_criterion(hana_tree_criterion *out, int criterion,
                                    int classifies, hana_error *err)
{
    if (classifies && criterion == SQUARED)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "decision_tree: criterion 'squared' is for numbers, the target has classes");
    if (!classifies && (criterion == GINI || criterion == ENTROPY))
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "decision_tree: criterion '%s' is for classes, the target is a number",
            criteria[criterion]);
    *out = !classifies            ? HANA_TREE_SQUARED
           : criterion == ENTROPY ? HANA_TREE_ENTROPY
                                  : HANA_TREE_GINI;
    return HANA_OK;
}

static hana_status fit(void *state, const void *opts, hana_problem *problem,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    const options *o = opts;
    (void)facts;
    int classifies = hana_problem_task(problem) == HANA_CLASSIFICATION;
    size_t cols = hana_problem_cols(problem);
    hana_tree_data data = { .rows = hana_problem_rows(problem),
                            .cols = cols,
                            .width = classifies ? hana_problem_classes(problem) : 1,
                            .y = classifies ? NULL : hana_problem_y(problem),
                            .codes = classifies ? hana_problem_codes(problem) : NULL,
                            .proba = classifies ? hana_problem_proba(problem) : NULL,
                            .weights = hana_problem_weights(problem) };
    hana_tree_limits limits = { .max_depth = o->max_depth,
                                .max_leaves = o->max_leaves,
                                .min_leaf = o->min_leaf,
                                .min_split = o->min_split,
                                .prune = o->prune };
    HANA_TRY(choose_criterion(&data.criterion, o->criterion, classifies, err));
    const double **columns = hana_alloc(cols, sizeof *columns);
    size_t *n_levels = hana_alloc(cols, sizeof *n_levels);
    hana_status status = HANA_OK;
    if (!columns || !n_levels) {
        status = hana_fail_memory(err);
        goto done;
    }
    for (size_t j = 0; j < cols; j++) {
        HANA_GOTO(done, hana_problem_column(&columns[j], problem, j, err));
        n_levels[j] = hana_problem_feature(problem, j)->n_levels;
    }
    data.columns = columns;
    data.n_levels = n_levels;
    status = hana_tree_grow(state, &data, &limits, job, err);
done:
    hana_free(columns);
    hana_free(n_levels);
    return status;
}

static hana_status predict(const void *state, hana_problem *x, double *out, hana_job *job,
                           hana_error *err)
{
    hana_matrix column = {
        .data = out, .rows = hana_problem_rows(x), .cols = 1, .stride = 1
    };
    return hana_tree_predict(state, x, &column, job, err);
}

static hana_status predict_proba(const void *state, hana_problem *x, hana_matrix *out,
                                 hana_job *job, hana_error *err)
{
    return hana_tree_predict(state, x, out, job, err);
}

static hana_status summary(const void *state, const hana_feature *features, size_t n,
                           const hana_target *target, hana_frame **out, hana_error *err)
{
    (void)target;
    double *importance = hana_alloc_zero(n, sizeof *importance);
    if (!importance) return hana_fail_memory(err);
    hana_tree_importance(state, importance);
    hana_status status = hana_importance_frame(out, importance, features, n, err);
    hana_free(importance);
    return status;
}

static hana_status print(const void *state, const hana_feature *features, size_t n,
                         const hana_target *target, hana_text *out, hana_error *err)
{
    (void)n;
    return hana_tree_print(state, features, target, out, err);
}

static hana_status export(const void *state, size_t n_features, hana_export *out,
                          hana_error *err)
{
    return hana_tree_export(state, n_features, out, err);
}

static size_t bytes(const void *state)
{
    return hana_tree_bytes(state);
}

static hana_status save(const void *state, hana_writer *writer, hana_error *err)
{
    return hana_tree_save(state, writer, err);
}

static hana_status load(void *state, hana_reader *reader, hana_error *err)
{
    return hana_tree_load(state, reader, err);
}

static void clear(void *state)
{
    hana_tree_clear(state);
}

const hana_learner hana_decision_tree = {
    .part = { .name = "decision_tree",
              .help =
                  "A tree of questions about one column each, for classes and numbers.",
              .kind = HANA_PART_LEARNER,
              .version = 1,
              .tags = HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION | HANA_TAG_MISSING |
                      HANA_TAG_CATEGORIES | HANA_TAG_SOFT_TARGETS,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(hana_tree),
    .fit = fit,
    .predict = predict,
    .predict_proba = predict_proba,
    .summary = summary,
    .print = print,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
};

#include "learn/estimator.h"

#include <math.h>
#include <string.h>

/* Rules that people wrote: { condition, outcome } in order, the first condition that is
   true decides. Nothing is learned; being an estimator, rules are judged on the same
   folds as any model. */

typedef struct options {
    hana_value rules;
    hana_value otherwise;
} options;

static const hana_option rows[] = {
    HANA_OPTION_ANY(
        options, rules, .flags = HANA_REQUIRED | HANA_POSITIONAL,
        .help = "{ {condition, outcome}, ... }: an expression, and a class or number (in "
                "regression also an expression)"),
    HANA_OPTION_ANY(options, otherwise,
                    .help = "outcome where no condition holds; default: null"),
};

/* An outcome: a class code or number, or an expression for one. */
typedef struct outcome {
    double value; /* NaN: null */
    const hana_expr *expr;
} outcome;

typedef struct state {
    size_t n;
    const hana_expr **conditions;
    outcome *outcomes; /* n + 1: the last is `otherwise` */
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    for (size_t i = 0; i < s->n; i++)
        if (s->conditions) hana_expr_release(s->conditions[i]);
    for (size_t i = 0; s->outcomes && i <= s->n; i++)
        hana_expr_release(s->outcomes[i].expr);
    hana_free(s->conditions);
    hana_free(s->outcomes);
}

static const hana_value *rule(const options *o, size_t i, size_t part)
{
    return &o->rules.as.list->items[i].as.list->items[part];
}

static hana_status parse(const hana_expr **out, const hana_value *text, size_t i,
                         const char *what, hana_error *err)
{
    hana_expr *made;
    hana_status status =
        hana_expr_parse(&made, text->as.string.data, text->as.string.length, NULL, err);
    if (status != HANA_OK)
        return hana_fail_prefix(err, status, "rules: %s %zu: ", what, i + 1);
    if (!hana_expr_is_rowwise(made)) {
        hana_expr_release(made);
        return hana_fail(err, HANA_BAD_ARGUMENT, "rules: %s %zu looks at other rows (%s)",
                         what, i + 1, text->as.string.data);
    }
    *out = made;
    return HANA_OK;
}

static hana_status check(const hana_spec *spec, hana_error *err)
{
    const options *o = hana_spec_options(spec);
    size_t n = o->rules.kind == HANA_VALUE_LIST ? o->rules.as.list->n : 0;
    if (n == 0)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "rules: needs rules { {condition, outcome}, ... }");
    for (size_t i = 0; i < n; i++) {
        const hana_value *pair = &o->rules.as.list->items[i];
        if (pair->kind != HANA_VALUE_LIST || pair->as.list->n != 2 ||
            pair->as.list->items[0].kind != HANA_VALUE_STRING)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "rules: rule %zu must be { \"condition\", outcome }", i + 1);
        const hana_expr *condition;
        HANA_TRY(parse(&condition, rule(o, i, 0), i, "condition", err));
        hana_expr_release(condition);
    }
    return HANA_OK;
}

static ptrdiff_t find_class(const hana_target *target, const hana_value *value)
{
    ptrdiff_t found = -1;
    for (size_t k = 0; found < 0 && k < hana_target_classes(target); k++) {
        hana_value class = { 0 };
        double a, b;
        if (hana_column_value(&class, target->classes, k, NULL) != HANA_OK) break;
        int same = class.kind == HANA_VALUE_STRING && value->kind == HANA_VALUE_STRING
                       ? strcmp(class.as.string.data, value->as.string.data) == 0
                   : class.kind == HANA_VALUE_BOOL && value->kind == HANA_VALUE_BOOL
                       ? class.as.boolean == value->as.boolean
                       : hana_value_as_number(&class, &a) &&
                             hana_value_as_number(value, &b) && a == b;
        hana_value_clear(&class);
        if (same) found = (ptrdiff_t)k;
    }
    return found;
}

static hana_status read_outcome(outcome *out, const hana_value *value,
                                const hana_target *target, size_t i, hana_error *err)
{
    out->value = (double)NAN;
    if (value->kind == HANA_VALUE_NULL) return HANA_OK;
    if (target->classes) {
        ptrdiff_t k = find_class(target, value);
        if (k < 0)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "rules: the outcome of rule %zu (%s) is no class of the target", i + 1,
                value->kind == HANA_VALUE_STRING ? value->as.string.data
                                                 : hana_value_kind_name(value));
        out->value = (double)k;
        return HANA_OK;
    }
    if (value->kind == HANA_VALUE_STRING)
        return parse(&out->expr, value, i, "outcome", err);
    if (!hana_value_as_number(value, &out->value))
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "rules: the outcome of rule %zu must be a number or an expression, got %s",
            i + 1, hana_value_kind_name(value));
    return HANA_OK;
}

/* The expressions and outcomes of the options, for a target. */
static hana_status prepare(state *s, const options *o, const hana_target *target,
                           hana_error *err)
{
    size_t n = o->rules.as.list->n;
    s->conditions = hana_alloc_zero(n, sizeof *s->conditions);
    s->outcomes = hana_alloc_zero(n + 1, sizeof *s->outcomes);
    if (!s->conditions || !s->outcomes) return hana_fail_memory(err);
    s->n = n;
    for (size_t i = 0; i < n; i++) {
        HANA_TRY(parse(&s->conditions[i], rule(o, i, 0), i, "condition", err));
        HANA_TRY(read_outcome(&s->outcomes[i], rule(o, i, 1), target, i, err));
    }
    return read_outcome(&s->outcomes[n], &o->otherwise, target, n, err);
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts, (void)job;
    state *s = pointer;
    if (task->target.task == HANA_NO_TARGET)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "rules need a target: fit(df, \"column\")");
    HANA_TRY(prepare(s, hana_spec_options(spec), &task->target, err));
    for (size_t i = 0; i < s->n; i++) {
        hana_type type;
        HANA_TRY(hana_expr_type(&type, s->conditions[i], task->frame, err));
        if (type != HANA_BOOL)
            return hana_fail(err, HANA_BAD_TYPE,
                             "rules: condition %zu gives %s, expected true or "
                             "false",
                             i + 1, hana_type_name(type));
    }
    for (size_t i = 0; i <= s->n; i++) {
        hana_type type;
        if (!s->outcomes[i].expr) continue;
        HANA_TRY(hana_expr_type(&type, s->outcomes[i].expr, task->frame, err));
        if (type != HANA_FLOAT && type != HANA_INT)
            return hana_fail(err, HANA_BAD_TYPE,
                             "rules: outcome %zu gives %s, expected a number", i + 1,
                             hana_type_name(type));
    }
    return HANA_OK;
}

/* Fills the rows that are still open where the condition (NULL: always) holds. */
static hana_status apply(hana_matrix *out, uint8_t *done, const outcome *o,
                         const hana_expr *where, const hana_frame *frame, hana_job *job,
                         hana_error *err)
{
    hana_column *holds = NULL, *values = NULL;
    hana_status status = HANA_OK;
    if (where) status = hana_expr_eval(&holds, where, frame, job, err);
    if (status == HANA_OK && o->expr)
        status = hana_expr_eval(&values, o->expr, frame, job, err);
    const uint8_t *bits = holds ? hana_column_bits(holds) : NULL;
    for (size_t i = 0; status == HANA_OK && i < out->rows; i++) {
        if (done[i] || (holds && (hana_column_is_null(holds, i) || !hana_bit(bits, i))))
            continue;
        out->data[i * out->stride] = values ? hana_column_number(values, i) : o->value;
        done[i] = 1;
    }
    hana_column_release(holds);
    hana_column_release(values);
    return status;
}

static hana_status predict(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err)
{
    (void)want;
    const state *s = hana_fitted_state(fitted);
    uint8_t *done = hana_alloc_zero(out->rows, 1);
    if (!done) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i <= s->n; i++)
        status = apply(out, done, &s->outcomes[i], i < s->n ? s->conditions[i] : NULL,
                       frame, job, err);
    hana_free(done);
    return status;
}

static int has_proba(const hana_fitted *fitted)
{
    (void)fitted;
    return 0;
}

static void print_outcome(hana_text *out, const outcome *o, const hana_target *target)
{
    if (o->expr)
        hana_text_puts(out, hana_expr_text(o->expr));
    else if (isnan(o->value))
        hana_text_puts(out, "null");
    else if (target->classes)
        hana_target_class_name(out, target, (size_t)o->value);
    else
        hana_text_printf(out, "%g", o->value);
    hana_text_puts(out, "\n");
}

static hana_status print(const hana_fitted *fitted, hana_text *out, hana_error *err)
{
    const state *s = hana_fitted_state(fitted);
    const hana_target *target = hana_fitted_target(fitted);
    for (size_t i = 0; i < s->n; i++) {
        hana_text_printf(out, "%s: ", hana_expr_text(s->conditions[i]));
        print_outcome(out, &s->outcomes[i], target);
    }
    hana_text_puts(out, "otherwise: ");
    print_outcome(out, &s->outcomes[s->n], target);
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    size_t n = sizeof *s + (s->n + 1) * sizeof *s->outcomes;
    for (size_t i = 0; i < s->n; i++) n += strlen(hana_expr_text(s->conditions[i])) + 1;
    return n;
}

/* The rules stand in the spec; a class is kept as the code it had. */
static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)job;
    const state *s = hana_fitted_state(fitted);
    double *values = hana_alloc(s->n + 1, sizeof *values);
    if (!values) return hana_fail_memory(err);
    for (size_t i = 0; i <= s->n; i++) values[i] = s->outcomes[i].value;
    hana_status status = hana_put_doubles(writer, "outcomes", values, s->n + 1, err);
    int is_number = hana_fitted_target(fitted)->classes == NULL;
    if (status == HANA_OK) status = hana_put_int(writer, "numbers", is_number, err);
    hana_free(values);
    return status;
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    (void)job;
    state *s = pointer;
    const options *o = hana_spec_options(spec);
    double *values = NULL;
    size_t n = 0;
    int64_t is_number;
    HANA_TRY(hana_get_int(reader, "numbers", &is_number, err));
    HANA_TRY(hana_get_doubles(reader, "outcomes", &values, &n, err));
    if (n != o->rules.as.list->n + 1) {
        hana_free(values);
        return hana_fail(err, HANA_BAD_FORMAT, "rules: the saved outcomes are damaged");
    }
    hana_status status = HANA_OK;
    s->conditions = hana_alloc_zero(n - 1, sizeof *s->conditions);
    s->outcomes = hana_alloc_zero(n, sizeof *s->outcomes);
    if (!s->conditions || !s->outcomes)
        status = hana_fail_memory(err);
    else
        s->n = n - 1;
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        s->outcomes[i].value = values[i];
        const hana_value *given = i + 1 < n ? rule(o, i, 1) : &o->otherwise;
        if (i + 1 < n)
            status = parse(&s->conditions[i], rule(o, i, 0), i, "condition", err);
        if (status == HANA_OK && is_number && given->kind == HANA_VALUE_STRING)
            status = parse(&s->outcomes[i].expr, given, i, "outcome", err);
    }
    hana_free(values);
    return status;
}

const hana_estimator hana_rules = {
    .part = { .name = "rules",
              .help = "Rules that people wrote, judged like a model; null where none "
                      "applies.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION | HANA_TAG_MISSING |
                      HANA_TAG_UNLABELED,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .check = check,
    .fit = fit,
    .predict = predict,
    .has_proba = has_proba,
    .print = print,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear
};

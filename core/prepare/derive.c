#include "data/verbs.h"
#include "learn/step_columns.h"

#include <string.h>

/* Columns computed from columns of the same row: feature engineering that travels with
 * the model. */

typedef struct options {
    hana_named_exprs columns;
} options;

static const hana_option rows[] = {
    HANA_OPTION_EXPRESSIONS(
        options, columns,
        .help = "{ {name, expression}, ... }: later ones see earlier ones",
        .flags = HANA_REQUIRED | HANA_POSITIONAL),
};

static hana_status check(const void *given, hana_error *err)
{
    const options *o = given;
    for (size_t i = 0; i < o->columns.names.n; i++)
        if (!hana_expr_is_rowwise(o->columns.exprs[i]))
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "derive: '%s' looks at other rows (%s): what is learned from rows "
                "belongs in a step of its own",
                o->columns.names.items[i], hana_expr_text(o->columns.exprs[i]));
    return HANA_OK;
}

/* Neither the target nor another role may be read or written. */
static hana_status check_roles(const hana_roles *roles, const char *name, const char *how,
                               hana_error *err)
{
    const char *const taken[] = { roles->target, roles->weights, roles->group };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (taken[i] && strcmp(taken[i], name) == 0)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "derive: '%s' has another role and is not %s", name, how);
    return HANA_OK;
}

static hana_status transform(const void *state, const void *given, const hana_frame *in,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    (void)state;
    const options *o = given;
    return hana_frame_mutate(out, in, &o->columns.names, o->columns.exprs, 1, job, err);
}

static hana_status fit(void *state, const void *given, const hana_task *task,
                       hana_job *job, hana_error *err)
{
    (void)state, (void)job;
    const options *o = given;
    for (size_t i = 0; i < o->columns.names.n; i++) {
        HANA_TRY(check_roles(task->roles, o->columns.names.items[i], "written", err));
        hana_names read = { 0 };
        HANA_TRY(hana_expr_columns(&read, o->columns.exprs[i], err));
        hana_status status = HANA_OK;
        for (size_t k = 0; status == HANA_OK && k < read.n; k++)
            status = check_roles(task->roles, read.items[k], "read", err);
        hana_names_clear(&read);
        HANA_TRY(status);
    }
    return HANA_OK;
}

static hana_status export(const void *state, const void *given, hana_export *out,
                          hana_error *err)
{
    (void)state;
    const options *o = given;
    for (size_t i = 0; i < o->columns.names.n; i++) {
        hana_export_op *op;
        HANA_TRY(hana_export_add(&op, out, HANA_EXPORT_DERIVE, o->columns.names.items[i],
                                 err));
        op->expr = hana_expr_retain(o->columns.exprs[i]);
    }
    return HANA_OK;
}

static hana_status save(const void *state, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)state, (void)job;
    return hana_put_int(writer, "fitted", 1, err);
}

static hana_status load(void *state, hana_reader *reader, hana_job *job, hana_error *err)
{
    (void)state, (void)job;
    int64_t fitted;
    return hana_get_int(reader, "fitted", &fitted, err);
}

const hana_step hana_step_derive = {
    .part = { .name = "derive",
              .help = "New columns from expressions over the columns of the same row.",
              .kind = HANA_PART_STEP,
              .version = 1,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .fit = fit,
    .transform = transform,
    .export = export,
    .save = save,
    .load = load,
    .check = check
};

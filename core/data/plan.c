#include "data/expr_term.h"
#include "data/verbs.h"

hana_status hana_frame_filter(hana_frame **out, const hana_frame *frame,
                              const hana_expr *where, hana_job *job, hana_error *err)
{
    hana_program program = { .groups = 1 };
    size_t *rows = NULL, n = 0;
    hana_job_stage(job, "condition", 0, 1);
    hana_status status = hana_program_compile(&program, where, frame, job, err);
    if (status == HANA_OK && program.root->type != HANA_BOOL)
        status = hana_term_fail(&program, program.root, err, HANA_BAD_TYPE,
                                "a filter needs true or false, this is %s",
                                hana_term_describe(program.root));
    if (status == HANA_OK) status = hana_program_settle(&program, program.root, err);
    if (status == HANA_OK)
        status = hana_program_rows(&rows, &n, &program, program.root, err);
    hana_program_clear(&program);
    if (status == HANA_OK) status = hana_frame_take(out, frame, rows, n, err);
    hana_free(rows);
    return status;
}

/* All on the frame as it is. */
static hana_status mutate_at_once(hana_frame **out, const hana_frame *frame,
                                  const hana_names *names, const hana_expr *const *exprs,
                                  hana_job *job, hana_error *err)
{
    size_t n = names->n;
    hana_column **columns = hana_alloc_zero(n, sizeof *columns);
    hana_status status = columns ? HANA_OK : hana_fail_memory(err);
    for (size_t k = 0; status == HANA_OK && k < n; k++) {
        hana_job_stage(job, "", (double)k / (double)n, (double)(k + 1) / (double)n);
        status = hana_expr_eval(&columns[k], exprs[k], frame, job, err);
    }
    if (status == HANA_OK)
        status = hana_frame_set_all(out, frame, names,
                                    (const hana_column *const *)columns, err);
    for (size_t k = 0; columns && k < n; k++) hana_column_release(columns[k]);
    hana_free(columns);
    return status;
}

hana_status hana_frame_mutate(hana_frame **out, const hana_frame *frame,
                              const hana_names *names, const hana_expr *const *exprs,
                              int in_order, hana_job *job, hana_error *err)
{
    if (!in_order) return mutate_at_once(out, frame, names, exprs, job, err);
    const hana_frame *now = hana_frame_retain(frame);
    hana_status status = HANA_OK;
    for (size_t k = 0; k < names->n && status == HANA_OK; k++) {
        hana_column *column = NULL;
        hana_frame *next = NULL;
        hana_job_stage(job, "", (double)k / (double)names->n,
                       (double)(k + 1) / (double)names->n);
        status = hana_expr_eval(&column, exprs[k], now, job, err);
        if (status == HANA_OK)
            status = hana_frame_set(&next, now, names->items[k], column, err);
        hana_column_release(column);
        if (status != HANA_OK) break;
        hana_frame_release(now);
        now = next;
    }
    if (status != HANA_OK) {
        hana_frame_release(now);
        return status;
    }
    union {
        const hana_frame *fixed;
        hana_frame *open;
    } result = { .fixed = now };
    *out = result.open;
    return HANA_OK;
}

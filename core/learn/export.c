#include "learn/export.h"

#include <string.h>

void hana_export_clear(hana_export *export)
{
    for (size_t i = 0; i < export->n_ops; i++) {
        hana_export_op *op = &export->ops[i];
        hana_free(op->name);
        hana_free(op->output);
        hana_free(op->text);
        hana_names_clear(&op->levels);
        hana_expr_release(op->expr);
    }
    hana_free(export->ops);
    for (size_t j = 0; j < export->n_features; j++) hana_free(export->features[j]);
    hana_free(export->features);
    hana_free(export->coef);
    hana_free(export->intercept);
    hana_free(export->nodes);
    hana_free(export->roots);
    hana_free(export->leaves);
    *export = (hana_export){ 0 };
}

hana_status hana_export_add(hana_export_op **op, hana_export *export,
                            hana_export_op_kind kind, const char *name, hana_error *err)
{
    char *copy = hana_strdup(name);
    if (!copy) return hana_fail_memory(err);
    hana_export_op *ops = hana_realloc(export->ops, export->n_ops + 1, sizeof *ops);
    if (!ops) {
        hana_free(copy);
        return hana_fail_memory(err);
    }
    export->ops = ops;
    ops[export->n_ops] = (hana_export_op){ .kind = kind, .name = copy };
    *op = &ops[export->n_ops++];
    return HANA_OK;
}

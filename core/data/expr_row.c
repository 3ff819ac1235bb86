#include "data/expr_row.h"

#include "data/expr_term.h"

/* A cell as kernels see it: a vector of one. */
typedef struct input {
    union {
        double f;
        int64_t i;
        int32_t c;
        uint8_t b;
        hana_slice s;
    } value;
    uint8_t valid;
} input;

struct hana_expr_row {
    const hana_expr *expr;
    hana_frame *frame; /* types and names; its cells are never read */
    hana_program program;
    hana_chunk chunk;
    input *inputs;
    hana_vector *vectors;
    hana_type *types;
    size_t n;
};

void hana_expr_row_free(hana_expr_row *row)
{
    if (!row) return;
    hana_chunk_close(&row->chunk);
    hana_program_clear(&row->program);
    hana_frame_release(row->frame);
    hana_expr_release(row->expr);
    hana_free(row->inputs);
    hana_free(row->vectors);
    hana_free(row->types);
    hana_free(row);
}

static hana_status make_frame(hana_expr_row *row, const char *const *names,
                              const hana_type *types, size_t n, hana_error *err)
{
    const hana_column **columns = hana_alloc_zero(n + 1, sizeof *columns);
    if (!columns) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t k = 0; k < n && status == HANA_OK; k++) {
        hana_column *column = NULL;
        hana_builder *builder = NULL;
        status = hana_builder_new(&builder, types[k], 1, err);
        if (status == HANA_OK) status = hana_builder_null(builder, err);
        if (status == HANA_OK) status = hana_builder_take(&column, builder, err);
        hana_builder_free(builder);
        columns[k] = column;
        row->types[k] = types[k];
    }
    if (status == HANA_OK)
        status = hana_frame_new(&row->frame, names, columns, n, 1, err);
    for (size_t k = 0; k < n; k++) hana_column_release(columns[k]);
    hana_free(columns);
    return status;
}

hana_status hana_expr_row_new(hana_expr_row **out, const hana_expr *expr,
                              const char *const *names, const hana_type *types, size_t n,
                              hana_error *err)
{
    hana_expr_row *row = hana_alloc_zero(1, sizeof *row);
    if (!row) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    row->expr = hana_expr_retain(expr);
    row->n = n;
    row->inputs = hana_alloc_zero(n + 1, sizeof *row->inputs);
    row->vectors = hana_alloc_zero(n + 1, sizeof *row->vectors);
    row->types = hana_alloc_zero(n + 1, sizeof *row->types);
    if (!row->inputs || !row->vectors || !row->types)
        HANA_GOTO(failed, hana_fail_memory(err));
    HANA_GOTO(failed, make_frame(row, names, types, n, err));
    HANA_GOTO(failed, hana_program_compile(&row->program, expr, row->frame, NULL, err));
    if (!hana_expr_is_rowwise(expr) || row->program.root->type == HANA_CATEGORY)
        HANA_GOTO(failed, hana_fail(err, HANA_UNSUPPORTED,
                                    "'%.200s' cannot be computed row by row",
                                    hana_expr_text(expr)));
    HANA_GOTO(failed,
              hana_chunk_open(&row->chunk, &row->program, row->program.root, 1, err));
    row->chunk.inputs = row->vectors;
    *out = row;
    return HANA_OK;
failed:
    hana_expr_row_free(row);
    return status;
}

hana_type hana_expr_row_type(const hana_expr_row *row)
{
    return row->program.root->type;
}

static void put(hana_expr_row *row, size_t k, const hana_mixed_cell *cell)
{
    input *in = &row->inputs[k];
    hana_vector *v = &row->vectors[k];
    in->valid = cell->kind != HANA_MIXED_NULL;
    v->valid = in->valid ? NULL : &in->valid;
    switch (row->types[k]) {
    case HANA_FLOAT:
        in->value.f = in->valid ? cell->number : 0;
        v->at.f = &in->value.f;
        break;
    case HANA_INT:
    case HANA_DATETIME:
        in->value.i = in->valid ? cell->integer : 0;
        v->at.i = &in->value.i;
        break;
    case HANA_DATE:
        in->value.c = in->valid ? (int32_t)cell->integer : 0;
        v->at.c = &in->value.c;
        break;
    case HANA_BOOL:
        in->value.b = in->valid && cell->integer;
        v->at.b = &in->value.b;
        break;
    default:
        in->value.s =
            in->valid ? (hana_slice){ cell->text, cell->length } : (hana_slice){ "", 0 };
        v->at.s = &in->value.s;
        break;
    }
}

hana_status hana_expr_row_eval(hana_mixed_cell *out, hana_expr_row *row,
                               const hana_mixed_cell *cells, hana_error *err)
{
    hana_vector v;
    for (size_t k = 0; k < row->n; k++) put(row, k, &cells[k]);
    HANA_TRY(hana_chunk_run(&v, &row->chunk, row->program.root, 1, err));
    *out = (hana_mixed_cell){ 0 };
    if (v.valid && !v.valid[0]) return HANA_OK;
    switch (row->program.root->type) {
    case HANA_FLOAT:
        out->kind = HANA_MIXED_FLOAT;
        out->number = v.at.f[0];
        break;
    case HANA_INT:
        out->kind = HANA_MIXED_INT;
        out->integer = v.at.i[0];
        break;
    case HANA_DATETIME:
        out->kind = HANA_MIXED_DATETIME;
        out->integer = v.at.i[0];
        break;
    case HANA_DATE:
        out->kind = HANA_MIXED_DATE;
        out->integer = v.at.c[0];
        break;
    case HANA_BOOL:
        out->kind = HANA_MIXED_BOOL;
        out->integer = v.at.b[0];
        break;
    default:
        out->kind = HANA_MIXED_STRING;
        out->text = v.at.s[0].data ? v.at.s[0].data : "";
        out->length = v.at.s[0].length;
        break;
    }
    return HANA_OK;
}

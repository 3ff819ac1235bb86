#include "container.h"

#include "base/text.h"

#include <string.h>

enum { COLUMN_VERSION = 1, FRAME_VERSION = 1 };

static hana_status put_text(hana_writer *w, const hana_column *v, hana_error *err)
{
    size_t n = hana_column_length(v);
    const int64_t *offsets = hana_column_offsets(v);
    int64_t *moved = hana_alloc(n + 1, sizeof *moved);
    if (!moved) return hana_fail_memory(err);
    for (size_t i = 0; i <= n; i++) moved[i] = offsets[i] - offsets[0];
    hana_status status = hana_put_ints(w, "offsets", moved, n + 1, err);
    if (status == HANA_OK)
        status = hana_put_bytes(w, "text", hana_column_text(v) + offsets[0],
                                (size_t)moved[n], err);
    hana_free(moved);
    return status;
}

static hana_status put_sparse(hana_writer *w, const hana_block_view *b, hana_error *err)
{
    int64_t *start = hana_alloc(b->rows + 1, sizeof *start);
    if (!start) return hana_fail_memory(err);
    for (size_t i = 0; i <= b->rows; i++) start[i] = b->start[i] - b->start[0];
    size_t first = (size_t)b->start[0], n = (size_t)start[b->rows];
    hana_status status = hana_put_ints(w, "start", start, b->rows + 1, err);
    hana_free(start);
    HANA_TRY(status);
    HANA_TRY(hana_put_codes(w, "index", b->index + first, n, err));
    return hana_put_doubles(w, "values", b->f64 + first, n, err);
}

static hana_status put_block(hana_writer *w, const hana_column *v, hana_error *err)
{
    hana_block_view b;
    hana_column_block(v, &b);
    HANA_TRY(hana_put_int(w, "cols", (int64_t)b.cols, err));
    HANA_TRY(hana_put_column(w, "names", b.names, err));
    HANA_TRY(hana_put_string(w, "layout",
                             b.layout == HANA_CSR         ? "csr"
                             : b.layout == HANA_DENSE_F32 ? "f32"
                                                          : "f64",
                             err));
    size_t cells = b.rows * b.cols;
    if (b.layout == HANA_CSR) return put_sparse(w, &b, err);
    if (b.layout == HANA_DENSE_F64)
        return hana_put_doubles(w, "values", b.f64, cells, err);
    return hana_put_bytes(w, "values", b.f32, cells * sizeof *b.f32, err);
}

static hana_status put_cells(hana_writer *w, const hana_column *v, hana_error *err)
{
    size_t n = hana_column_length(v);
    switch (hana_column_type(v)) {
    case HANA_FLOAT:
        return hana_put_doubles(w, "values", hana_column_floats(v), n, err);
    case HANA_INT:
        return hana_put_ints(w, "values", hana_column_ints(v), n, err);
    case HANA_BOOL:
        return hana_put_bytes(w, "values", hana_column_bits(v), hana_bitmap_bytes(n),
                              err);
    case HANA_STRING:
        return put_text(w, v, err);
    case HANA_CATEGORY:
        HANA_TRY(hana_put_int(w, "ordered", hana_column_ordered(v), err));
        HANA_TRY(hana_put_column(w, "levels", hana_column_levels(v), err));
        return hana_put_codes(w, "values", hana_column_codes(v), n, err);
    case HANA_DATE:
        return hana_put_codes(w, "values", hana_column_codes(v), n, err);
    case HANA_DATETIME:
        HANA_TRY(hana_put_string(w, "zone", hana_column_zone(v), err));
        return hana_put_ints(w, "values", hana_column_ints(v), n, err);
    case HANA_BLOCK:
        return put_block(w, v, err);
    }
    return HANA_OK;
}

hana_status hana_put_column(hana_writer *w, const char *key, const hana_column *v,
                            hana_error *err)
{
    if (!v) return hana_put_string(w, key, NULL, err);
    size_t n = hana_column_length(v);
    HANA_TRY(hana_writer_enter(w, key, COLUMN_VERSION, err));
    hana_status status =
        hana_put_string(w, "type", hana_type_name(hana_column_type(v)), err);
    if (status == HANA_OK) status = hana_put_int(w, "rows", (int64_t)n, err);
    if (status == HANA_OK && hana_column_validity(v))
        status = hana_put_bytes(w, "validity", hana_column_validity(v),
                                hana_bitmap_bytes(n), err);
    if (status == HANA_OK) status = put_cells(w, v, err);
    hana_writer_leave(w);
    return status;
}

/* What is gathered about a column while it is read. */
typedef struct parts {
    hana_type type;
    size_t rows;
    uint8_t *validity;
} parts;

static hana_status bad(const hana_reader *r, const char *what, hana_error *err)
{
    return hana_reader_fail(r, err, "a stored column has %s", what);
}

static int present(const parts *p, size_t i)
{
    return !p->validity || hana_bit(p->validity, i);
}

static hana_status get_text(hana_reader *r, const parts *p, hana_column **out,
                            hana_error *err)
{
    int64_t *offsets = NULL;
    void *text = NULL;
    size_t n_offsets = 0, n_text = 0;
    hana_builder *builder = NULL;
    hana_status status;
    HANA_GOTO(done, hana_get_ints(r, "offsets", &offsets, &n_offsets, err));
    HANA_GOTO(done, hana_get_bytes(r, "text", &text, &n_text, err));
    if (n_offsets != p->rows + 1 || offsets[0] != 0 ||
        offsets[p->rows] != (int64_t)n_text)
        HANA_GOTO(done, bad(r, "offsets that do not fit its text", err));
    for (size_t i = 0; i < p->rows; i++)
        if (offsets[i] > offsets[i + 1])
            HANA_GOTO(done, bad(r, "offsets that do not ascend", err));
    HANA_GOTO(done, hana_builder_new(&builder, HANA_STRING, p->rows, err));
    for (size_t i = 0; i < p->rows; i++) {
        const char *cell = (const char *)text + offsets[i];
        size_t length = (size_t)(offsets[i + 1] - offsets[i]);
        if (!present(p, i)) {
            HANA_GOTO(done, hana_builder_null(builder, err));
            continue;
        }
        if (!hana_utf8_valid(cell, length))
            HANA_GOTO(done, bad(r, "text that is not UTF-8", err));
        HANA_GOTO(done, hana_builder_string(builder, cell, length, err));
    }
    status = hana_builder_take(out, builder, err);
done:
    hana_builder_free(builder);
    hana_free(offsets);
    hana_free(text);
    return status;
}

static hana_status get_bools(hana_reader *r, const parts *p, hana_column **out,
                             hana_error *err)
{
    void *bits = NULL;
    size_t n = 0;
    HANA_TRY(hana_get_bytes(r, "values", &bits, &n, err));
    hana_status status = HANA_OK;
    uint8_t *bytes = hana_alloc(p->rows, 1);
    if (n != hana_bitmap_bytes(p->rows))
        status = bad(r, "another number of cells than rows", err);
    else if (!bytes)
        status = hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < p->rows; i++)
        bytes[i] = (uint8_t)hana_bit(bits, i);
    if (status == HANA_OK)
        status = hana_column_from_bools(out, bytes, p->validity, p->rows, err);
    hana_free(bits);
    hana_free(bytes);
    return status;
}

static hana_status get_category(hana_reader *r, const parts *p, hana_column **out,
                                hana_error *err)
{
    const hana_column *levels = NULL;
    int32_t *codes = NULL;
    int64_t ordered = 0;
    size_t n = 0;
    hana_status status;
    HANA_GOTO(done, hana_get_int(r, "ordered", &ordered, err));
    HANA_GOTO(done, hana_get_column(r, "levels", &levels, err));
    HANA_GOTO(done, hana_get_codes(r, "values", &codes, &n, err));
    if (n != p->rows) HANA_GOTO(done, bad(r, "another number of cells than rows", err));
    if (!levels || hana_column_type(levels) != HANA_STRING ||
        hana_column_nulls(levels) > 0)
        HANA_GOTO(done, bad(r, "levels that are no texts", err));
    size_t n_levels = hana_column_length(levels);
    for (size_t i = 0; i < n; i++) {
        if (!present(p, i))
            codes[i] = -1;
        else if (codes[i] < 0 || (size_t)codes[i] >= n_levels)
            HANA_GOTO(done, bad(r, "a code without a level", err));
    }
    status = hana_column_from_codes(out, codes, n, levels, ordered != 0, err);
done:
    hana_column_release(levels);
    hana_free(codes);
    return status;
}

/* Dates and datetimes. */
static hana_status get_times(hana_reader *r, const parts *p, hana_column **out,
                             hana_error *err)
{
    int32_t *days = NULL;
    int64_t *micros = NULL;
    char *zone = NULL;
    size_t n = 0;
    hana_builder *builder = NULL;
    hana_status status;
    if (p->type == HANA_DATE) {
        HANA_GOTO(done, hana_get_codes(r, "values", &days, &n, err));
    } else {
        HANA_GOTO(done, hana_get_ints(r, "values", &micros, &n, err));
        HANA_GOTO(done, hana_get_string(r, "zone", &zone, err));
    }
    if (n != p->rows) HANA_GOTO(done, bad(r, "another number of cells than rows", err));
    HANA_GOTO(done, hana_builder_new(&builder, p->type, n, err));
    if (zone && strlen(zone) > 63)
        HANA_GOTO(done, bad(r, "a zone name that is too long", err));
    if (zone) hana_builder_zone(builder, zone);
    for (size_t i = 0; i < n; i++) {
        if (!present(p, i))
            HANA_GOTO(done, hana_builder_null(builder, err));
        else
            HANA_GOTO(done, hana_builder_int(builder, days ? days[i] : micros[i], err));
    }
    status = hana_builder_take(out, builder, err);
done:
    hana_builder_free(builder);
    hana_free(days);
    hana_free(micros);
    hana_free(zone);
    return status;
}

static hana_status get_sparse(hana_reader *r, const parts *p, size_t cols,
                              const hana_column *names, hana_column **out,
                              hana_error *err)
{
    hana_sparse sparse = { .rows = p->rows, .cols = cols };
    size_t n_start = 0, n_index = 0, n_values = 0;
    hana_status status;
    HANA_GOTO(done, hana_get_ints(r, "start", &sparse.start, &n_start, err));
    HANA_GOTO(done, hana_get_codes(r, "index", &sparse.index, &n_index, err));
    HANA_GOTO(done, hana_get_doubles(r, "values", &sparse.values, &n_values, err));
    int good = n_start == p->rows + 1 && n_index == n_values && sparse.start[0] == 0 &&
               sparse.start[p->rows] == (int64_t)n_index;
    for (size_t i = 0; good && i < p->rows; i++)
        good = sparse.start[i] <= sparse.start[i + 1];
    for (size_t i = 0; good && i < p->rows; i++)
        for (int64_t k = sparse.start[i]; good && k < sparse.start[i + 1]; k++)
            good = sparse.index[k] >= 0 && (size_t)sparse.index[k] < cols &&
                   (k == sparse.start[i] || sparse.index[k - 1] < sparse.index[k]);
    if (!good) HANA_GOTO(done, bad(r, "sparse rows that do not fit", err));
    status = hana_column_from_sparse(out, &sparse, names, err);
done:
    hana_sparse_clear(&sparse);
    return status;
}

static hana_status get_dense(hana_reader *r, const parts *p, size_t cols,
                             const hana_column *names, hana_column **out, hana_error *err)
{
    hana_matrix matrix = { .rows = p->rows, .cols = cols, .stride = cols };
    size_t n = 0, cells;
    if (__builtin_mul_overflow(p->rows, cols, &cells))
        return bad(r, "more cells than fit memory", err);
    HANA_TRY(hana_get_doubles(r, "values", &matrix.data, &n, err));
    hana_status status = n == cells ? hana_column_from_matrix(out, &matrix, names, err)
                                    : bad(r, "another number of cells than rows", err);
    hana_matrix_clear(&matrix);
    return status;
}

static hana_status get_singles(hana_reader *r, const parts *p, size_t cols,
                               const hana_column *names, hana_column **out,
                               hana_error *err)
{
    void *cells = NULL;
    size_t n = 0, expected;
    if (__builtin_mul_overflow(p->rows, cols, &expected))
        return bad(r, "more cells than fit memory", err);
    HANA_TRY(hana_get_bytes(r, "values", &cells, &n, err));
    int fits = n % sizeof(float) == 0 && n / sizeof(float) == expected;
    hana_status status =
        fits ? hana_column_from_singles(out, cells, p->rows, cols, names, err)
             : bad(r, "another number of cells than rows", err);
    hana_free(cells);
    return status;
}

static hana_status get_block(hana_reader *r, const parts *p, hana_column **out,
                             hana_error *err)
{
    const hana_column *names = NULL;
    char *layout = NULL;
    int64_t cols = 0;
    hana_status status;
    HANA_GOTO(done, hana_get_int(r, "cols", &cols, err));
    HANA_GOTO(done, hana_get_column(r, "names", &names, err));
    HANA_GOTO(done, hana_get_string(r, "layout", &layout, err));
    if (!names || hana_column_type(names) != HANA_STRING || cols < 0 ||
        hana_column_length(names) != (size_t)cols || !layout)
        HANA_GOTO(done, bad(r, "another number of names than features", err));
    if (strcmp(layout, "csr") == 0)
        status = get_sparse(r, p, (size_t)cols, names, out, err);
    else if (strcmp(layout, "f32") == 0)
        status = get_singles(r, p, (size_t)cols, names, out, err);
    else
        status = get_dense(r, p, (size_t)cols, names, out, err);
done:
    hana_column_release(names);
    hana_free(layout);
    return status;
}

static hana_status get_cells(hana_reader *r, const parts *p, hana_column **out,
                             hana_error *err)
{
    if (p->type == HANA_STRING) return get_text(r, p, out, err);
    if (p->type == HANA_BOOL) return get_bools(r, p, out, err);
    if (p->type == HANA_CATEGORY) return get_category(r, p, out, err);
    if (p->type == HANA_DATE || p->type == HANA_DATETIME)
        return get_times(r, p, out, err);
    if (p->type == HANA_BLOCK) return get_block(r, p, out, err);
    double *floats = NULL;
    int64_t *ints = NULL;
    size_t n = 0;
    hana_status status = p->type == HANA_FLOAT
                             ? hana_get_doubles(r, "values", &floats, &n, err)
                             : hana_get_ints(r, "values", &ints, &n, err);
    if (status == HANA_OK && n != p->rows)
        status = bad(r, "another number of cells than rows", err);
    if (status == HANA_OK)
        status = p->type == HANA_FLOAT
                     ? hana_column_from_floats(out, floats, p->validity, n, err)
                     : hana_column_from_ints(out, ints, p->validity, n, err);
    hana_free(floats);
    hana_free(ints);
    return status;
}

static hana_status get_parts(hana_reader *r, parts *p, hana_error *err)
{
    char *type = NULL;
    int64_t rows = 0;
    void *validity = NULL;
    size_t n = 0;
    hana_status status = hana_get_string(r, "type", &type, err);
    if (status == HANA_OK && (!type || !hana_type_from_name(type, &p->type)))
        status = bad(r, "a type that this hana does not know", err);
    hana_free(type);
    HANA_TRY(status);
    HANA_TRY(hana_get_int(r, "rows", &rows, err));
    if (rows < 0) return bad(r, "a negative number of rows", err);
    p->rows = (size_t)rows;
    if (!hana_reader_has(r, "validity")) return HANA_OK;
    HANA_TRY(hana_get_bytes(r, "validity", &validity, &n, err));
    p->validity = validity;
    if (n != hana_bitmap_bytes(p->rows))
        return bad(r, "validity bits that do not fit", err);
    return HANA_OK;
}

hana_status hana_get_column(hana_reader *r, const char *key, const hana_column **v,
                            hana_error *err)
{
    hana_value plain = { 0 };
    HANA_TRY(hana_get_value(r, key, &plain, err));
    int none = plain.kind == HANA_VALUE_NULL;
    hana_value_clear(&plain);
    if (none) {
        *v = NULL;
        return HANA_OK;
    }
    int version;
    HANA_TRY(hana_reader_enter(r, key, &version, err));
    parts p = { 0 };
    hana_column *column = NULL;
    hana_status status = version == COLUMN_VERSION
                             ? get_parts(r, &p, err)
                             : bad(r, "a version that this hana does not know", err);
    if (status == HANA_OK) status = get_cells(r, &p, &column, err);
    hana_free(p.validity);
    hana_reader_leave(r);
    if (status == HANA_OK) *v = column;
    return status;
}

static hana_status put_columns(hana_writer *w, const hana_frame *v, hana_error *err)
{
    HANA_TRY(hana_writer_enter(w, "columns", 1, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; j < hana_frame_cols(v) && status == HANA_OK; j++) {
        hana_text key = { 0 };
        hana_text_printf(&key, "%zu", j);
        status = key.failed ? hana_fail_memory(err)
                            : hana_put_column(w, key.data, hana_frame_column(v, j), err);
        hana_text_clear(&key);
    }
    hana_writer_leave(w);
    return status;
}

static hana_status put_names_of(hana_writer *w, const hana_frame *v, hana_error *err)
{
    hana_names names = { 0 };
    hana_status status = HANA_OK;
    for (size_t j = 0; j < hana_frame_cols(v) && status == HANA_OK; j++)
        status = hana_names_add(&names, hana_frame_name(v, j), err);
    if (status == HANA_OK) status = hana_put_names(w, "names", &names, err);
    hana_names_clear(&names);
    return status;
}

/* Row ids: one origin with the positions 0, 1, ... is the common case and takes no room.
 */
static hana_status put_ids(hana_writer *w, const hana_frame *v, hana_error *err)
{
    size_t rows = hana_frame_rows(v);
    int one = 1, plain = 1;
    for (size_t i = 0; i < rows; i++) {
        one = one && hana_frame_origin(v, i) == hana_frame_origin(v, 0);
        plain = plain && hana_frame_position(v, i) == (int64_t)i;
    }
    int64_t *ids = hana_alloc(rows, sizeof *ids);
    if (!ids) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t i = 0; i < rows; i++) ids[i] = (int64_t)hana_frame_origin(v, i);
    status = hana_put_ints(w, "origins", ids, one && rows > 0 ? 1 : rows, err);
    for (size_t i = 0; i < rows; i++) ids[i] = hana_frame_position(v, i);
    if (status == HANA_OK && !plain)
        status = hana_put_ints(w, "positions", ids, rows, err);
    hana_free(ids);
    return status;
}

hana_status hana_put_frame(hana_writer *w, const char *key, const hana_frame *v,
                           hana_error *err)
{
    HANA_TRY(hana_writer_enter(w, key, FRAME_VERSION, err));
    hana_status status = hana_put_int(w, "rows", (int64_t)hana_frame_rows(v), err);
    if (status == HANA_OK) status = put_names_of(w, v, err);
    if (status == HANA_OK) status = put_columns(w, v, err);
    if (status == HANA_OK) status = put_ids(w, v, err);
    hana_writer_leave(w);
    return status;
}

static hana_status get_columns(hana_reader *r, const hana_column **columns, size_t n,
                               hana_error *err)
{
    HANA_TRY(hana_reader_enter(r, "columns", NULL, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; j < n && status == HANA_OK; j++) {
        hana_text key = { 0 };
        hana_text_printf(&key, "%zu", j);
        status = key.failed ? hana_fail_memory(err)
                            : hana_get_column(r, key.data, &columns[j], err);
        hana_text_clear(&key);
        if (status == HANA_OK && !columns[j]) status = bad(r, "no content", err);
    }
    hana_reader_leave(r);
    return status;
}

/* Gives `frame` rows that came from several origins: run by run, put together again. */
static hana_status with_mixed_ids(hana_frame **out, const hana_frame *frame,
                                  const int64_t *origins, const int64_t *positions,
                                  hana_error *err)
{
    size_t rows = hana_frame_rows(frame), n = 0;
    for (size_t i = 0; i < rows; i++) n += i == 0 || origins[i] != origins[i - 1];
    hana_frame **runs = hana_alloc_zero(n, sizeof *runs);
    const hana_frame **borrowed = hana_alloc(n, sizeof *borrowed);
    int64_t *counted = hana_alloc(rows, sizeof *counted);
    hana_frame *ids = NULL;
    hana_status status = HANA_OK;
    if (!runs || !borrowed || !counted) HANA_GOTO(done, hana_fail_memory(err));
    for (size_t i = 0; i < rows; i++) counted[i] = positions ? positions[i] : (int64_t)i;
    size_t start = 0;
    for (size_t k = 0; k < n; k++) {
        size_t end = start + 1;
        while (end < rows && origins[end] == origins[start]) end++;
        hana_frame *empty = NULL;
        HANA_GOTO(done, hana_frame_new(&empty, NULL, NULL, 0, end - start, err));
        status = hana_frame_with_ids(&runs[k], empty, (uint64_t)origins[start],
                                     counted + start, err);
        hana_frame_release(empty);
        if (status != HANA_OK) goto done;
        borrowed[k] = runs[k];
        start = end;
    }
    HANA_GOTO(done, hana_frame_concat(&ids, borrowed, n, 0, err));
    status = hana_frame_with_ids_of(out, frame, ids, err);
done:
    for (size_t k = 0; runs && k < n; k++) hana_frame_release(runs[k]);
    hana_frame_release(ids);
    hana_free(runs);
    hana_free(borrowed);
    hana_free(counted);
    return status;
}

static hana_status get_ids(hana_reader *r, const hana_frame *frame, hana_frame **out,
                           hana_error *err)
{
    int64_t *origins = NULL, *positions = NULL;
    size_t rows = hana_frame_rows(frame), n_origins = 0, n_positions = rows;
    hana_status status;
    HANA_GOTO(done, hana_get_ints(r, "origins", &origins, &n_origins, err));
    if (hana_reader_has(r, "positions"))
        HANA_GOTO(done, hana_get_ints(r, "positions", &positions, &n_positions, err));
    if (n_positions != rows || (n_origins != rows && !(n_origins == 1 && rows > 0)))
        HANA_GOTO(done,
                  hana_reader_fail(r, err, "a stored frame has row ids that do not fit"));
    if (n_origins <= 1)
        status = hana_frame_with_ids(out, frame, n_origins ? (uint64_t)origins[0] : 0,
                                     positions, err);
    else
        status = with_mixed_ids(out, frame, origins, positions, err);
done:
    hana_free(origins);
    hana_free(positions);
    return status;
}

static hana_status read_frame(hana_frame **out, hana_reader *r, const char *key,
                              hana_error *err)
{
    int version;
    HANA_TRY(hana_reader_enter(r, key, &version, err));
    hana_names names = { 0 };
    int64_t rows = 0;
    const hana_column **columns = NULL;
    hana_frame *plain = NULL;
    hana_status status;
    if (version != FRAME_VERSION)
        HANA_GOTO(done, hana_fail(err, HANA_UNSUPPORTED,
                                  "a frame stored in format version %d", version));
    HANA_GOTO(done, hana_get_int(r, "rows", &rows, err));
    HANA_GOTO(done, hana_get_names(r, "names", &names, err));
    if (rows < 0)
        HANA_GOTO(done, hana_reader_fail(r, err, "a stored frame has a negative length"));
    columns = hana_alloc_zero(names.n, sizeof *columns);
    if (!columns) HANA_GOTO(done, hana_fail_memory(err));
    HANA_GOTO(done, get_columns(r, columns, names.n, err));
    HANA_GOTO(done, hana_frame_new(&plain, (const char *const *)names.items, columns,
                                   names.n, (size_t)rows, err));
    if (hana_frame_rows(plain) != (size_t)rows)
        HANA_GOTO(done, hana_reader_fail(r, err,
                                         "a stored frame has columns of another length"));
    HANA_GOTO(done, get_ids(r, plain, out, err));
done:
    for (size_t j = 0; columns && j < names.n; j++) hana_column_release(columns[j]);
    hana_free(columns);
    hana_frame_release(plain);
    hana_names_clear(&names);
    hana_reader_leave(r);
    return status;
}

hana_status hana_get_frame(hana_reader *r, const char *key, const hana_frame **v,
                           hana_error *err)
{
    hana_frame *frame = NULL;
    HANA_TRY(read_frame(&frame, r, key, err));
    *v = frame;
    return HANA_OK;
}

hana_status hana_frame_save(const hana_frame *frame, const char *path, hana_error *err)
{
    hana_writer *w = NULL;
    HANA_TRY(hana_writer_new(&w, "frame", err));
    hana_status status = hana_put_frame(w, "frame", frame, err);
    if (status == HANA_OK) status = hana_writer_save(w, path, err);
    hana_writer_free(w);
    return status;
}

hana_status hana_frame_load(hana_frame **out, const char *path, hana_error *err)
{
    hana_reader *r = NULL;
    HANA_TRY(hana_reader_open(&r, path, err));
    hana_status status = HANA_OK;
    if (strcmp(hana_reader_kind(r), "frame") != 0)
        status = hana_fail(err, HANA_BAD_FORMAT, "%s: holds a %s, not a frame", path,
                           hana_reader_kind(r));
    else
        status = read_frame(out, r, "frame", err);
    hana_reader_free(r);
    return status;
}

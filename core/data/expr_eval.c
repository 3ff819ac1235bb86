#include "base/parallel.h"
#include "data/column_parts.h"
#include "data/expr_term.h"

#include <math.h>
#include <string.h>

enum {
    CELL_BYTES = sizeof(hana_slice), /* the widest there is */
    PAGE_BYTES = 64 * 1024
};

/* Arena: pages that a worker keeps and refills for each chunk. */
typedef struct hana_arena_page {
    struct hana_arena_page *next;
    size_t used, size;
    char bytes[];
} page;

char *hana_arena_take(hana_arena *arena, size_t bytes)
{
    page *p = arena->page;
    if (!p || p->size - p->used < bytes) {
        size_t size = bytes > PAGE_BYTES ? bytes : PAGE_BYTES;
        if (size > SIZE_MAX - sizeof *p) return NULL;
        p = hana_alloc(1, sizeof *p + size);
        if (!p) return NULL;
        *p = (page){ .next = arena->page, .size = size };
        arena->page = p;
    }
    char *at = p->bytes + p->used;
    p->used += bytes;
    return at;
}

/* Keeps the newest page, frees the others. */
static void arena_empty(hana_arena *arena)
{
    page *p = arena->page;
    if (!p) return;
    for (page *old = p->next, *next; old; old = next) {
        next = old->next;
        hana_free(old);
    }
    p->next = NULL;
    p->used = 0;
}

static void arena_free(hana_arena *arena)
{
    arena_empty(arena);
    hana_free(arena->page);
    arena->page = NULL;
}

void hana_bits_spread(uint8_t *bytes, const uint8_t *bits, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x =
            (bits[i >> 3] * UINT64_C(0x0101010101010101)) & UINT64_C(0x8040201008040201);
        x = (((x & UINT64_C(0x7F7F7F7F7F7F7F7F)) + UINT64_C(0x7F7F7F7F7F7F7F7F)) | x) >>
                7 &
            UINT64_C(0x0101010101010101);
        memcpy(bytes + i, &x, sizeof x);
    }
    for (; i < n; i++) bytes[i] = (uint8_t)hana_bit(bits, i);
}

void hana_bits_pack(uint8_t *bits, const uint8_t *bytes, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x;
        memcpy(&x, bytes + i, sizeof x);
        bits[i >> 3] = (uint8_t)(x * UINT64_C(0x0102040810204080) >> 56);
    }
    if (i < n) bits[i >> 3] = 0;
    for (; i < n; i++)
        if (bytes[i]) hana_bit_set(bits, i);
}

void *hana_chunk_data(const hana_chunk *chunk, int reg)
{
    if (reg == chunk->direct_reg) return chunk->direct;
    return chunk->registers + (size_t)reg * chunk->capacity * (CELL_BYTES + 1);
}

uint8_t *hana_chunk_valid(const hana_chunk *chunk, int reg)
{
    return chunk->registers +
           chunk->capacity * ((size_t)reg * (CELL_BYTES + 1) + CELL_BYTES);
}

/* Registers: an argument's may be used again once the term above it is computed. */
typedef struct allocator {
    uint8_t *used; /* grows */
    int n, capacity;
} allocator;

static hana_status take_reg(int *out, allocator *a, hana_error *err)
{
    int r = 0;
    while (r < a->n && a->used[r]) r++;
    if (r == a->capacity) {
        int capacity = a->capacity ? 2 * a->capacity : 32;
        uint8_t *used = hana_realloc(a->used, (size_t)capacity, 1);
        if (!used) return hana_fail_memory(err);
        a->used = used;
        a->capacity = capacity;
    }
    if (r == a->n) a->n++;
    a->used[r] = 1;
    *out = r;
    return HANA_OK;
}

/* A constant is written once and stays: its register is nobody else's, not even before.
 */
static hana_status assign_constants(hana_term *term, allocator *a, hana_error *err)
{
    if (term->kind == HANA_TERM_CONSTANT) return take_reg(&term->reg, a, err);
    for (size_t i = 0; i < term->n_args; i++)
        HANA_TRY(assign_constants(term->args[i], a, err));
    return HANA_OK;
}

static hana_status assign(hana_term *term, allocator *a, hana_error *err)
{
    if (term->kind == HANA_TERM_CONSTANT) return HANA_OK;
    for (int k = 0; k < term->scratches; k++)
        HANA_TRY(take_reg(&term->scratch[k], a, err));
    for (size_t i = 0; i < term->n_args; i++) HANA_TRY(assign(term->args[i], a, err));
    HANA_TRY(take_reg(&term->reg, a, err));
    for (int k = 0; k < term->scratches; k++) a->used[term->scratch[k]] = 0;
    for (size_t i = 0; i < term->n_args; i++)
        if (term->args[i]->kind != HANA_TERM_CONSTANT) a->used[term->args[i]->reg] = 0;
    return HANA_OK;
}

static void fill_constant(const hana_term *term, const hana_chunk *chunk)
{
    unsigned char *data = hana_chunk_data(chunk, term->reg);
    size_t n = chunk->capacity;
    memset(hana_chunk_valid(chunk, term->reg), !term->is_null, n);
    if (term->is_null) memset(data, 0, n * CELL_BYTES);
    switch (term->type) {
    case HANA_FLOAT: {
        double *f = (double *)(void *)data;
        for (size_t i = 0; i < n; i++)
            f[i] = term->is_null ? (double)NAN : term->constant.f;
        break;
    }
    case HANA_INT:
    case HANA_DATETIME: {
        int64_t *v = (int64_t *)(void *)data;
        for (size_t i = 0; i < n; i++) v[i] = term->is_null ? 0 : term->constant.i;
        break;
    }
    case HANA_DATE:
    case HANA_CATEGORY: {
        int32_t *c = (int32_t *)(void *)data;
        for (size_t i = 0; i < n; i++)
            c[i] = term->is_null ? 0 : (int32_t)term->constant.i;
        break;
    }
    case HANA_BOOL:
        memset(data, !term->is_null && term->constant.i, n);
        break;
    case HANA_STRING: {
        hana_slice *s = (hana_slice *)(void *)data;
        for (size_t i = 0; i < n; i++)
            s[i] = term->is_null ? (hana_slice){ "", 0 } : term->constant.s;
        break;
    }
    case HANA_BLOCK:
        break;
    }
}

static void fill_constants(const hana_term *term, const hana_chunk *chunk)
{
    if (term->kind == HANA_TERM_CONSTANT && !term->list) fill_constant(term, chunk);
    for (size_t i = 0; i < term->n_args; i++) fill_constants(term->args[i], chunk);
}

/* One value a group, for rows. */
static void gather(hana_vector *out, const hana_term *term, const hana_chunk *chunk)
{
    const hana_column *column = term->column;
    const size_t *group = chunk->program->group_of_row + chunk->from;
    void *data = hana_chunk_data(chunk, term->reg);
    size_t n = chunk->n;
    switch (term->type) {
    case HANA_FLOAT: {
        const double *from = hana_column_floats(column);
        for (size_t i = 0; i < n; i++) ((double *)data)[i] = from[group[i]];
        break;
    }
    case HANA_INT:
    case HANA_DATETIME: {
        const int64_t *from = hana_column_ints(column);
        for (size_t i = 0; i < n; i++) ((int64_t *)data)[i] = from[group[i]];
        break;
    }
    case HANA_DATE:
    case HANA_CATEGORY: {
        const int32_t *from = hana_column_codes(column);
        for (size_t i = 0; i < n; i++) ((int32_t *)data)[i] = from[group[i]];
        break;
    }
    case HANA_BOOL: {
        const uint8_t *from = hana_column_bits(column);
        for (size_t i = 0; i < n; i++)
            ((uint8_t *)data)[i] = (uint8_t)hana_bit(from, group[i]);
        break;
    }
    case HANA_STRING: {
        const int64_t *offsets = hana_column_offsets(column);
        const char *text = hana_column_text(column);
        for (size_t i = 0; i < n; i++) {
            int64_t at = offsets[group[i]];
            ((hana_slice *)data)[i] =
                (hana_slice){ text ? text + at : "",
                              (size_t)(offsets[group[i] + 1] - at) };
        }
        break;
    }
    case HANA_BLOCK:
        break;
    }
    out->at.any = data;
    out->valid = NULL;
    const uint8_t *validity = hana_column_validity(column);
    if (!validity) return;
    uint8_t *valid = hana_chunk_valid(chunk, term->reg);
    for (size_t i = 0; i < n; i++) valid[i] = (uint8_t)hana_bit(validity, group[i]);
    out->valid = valid;
}

static void read_column(hana_vector *out, const hana_term *term, const hana_chunk *chunk)
{
    if (term->level == HANA_LEVEL_GROUP && !chunk->by_group) {
        gather(out, term, chunk);
        return;
    }
    const hana_column *column = term->column;
    size_t from = chunk->from, n = chunk->n;
    switch (term->type) {
    case HANA_FLOAT:
        out->at.f = hana_column_floats(column) + from;
        break;
    case HANA_INT:
    case HANA_DATETIME:
        out->at.i = hana_column_ints(column) + from;
        break;
    case HANA_DATE:
    case HANA_CATEGORY:
        out->at.c = hana_column_codes(column) + from;
        break;
    case HANA_BOOL: {
        uint8_t *bytes = hana_chunk_data(chunk, term->reg);
        hana_bits_spread(bytes, hana_column_bits(column) + from / 8, n);
        out->at.b = bytes;
        break;
    }
    case HANA_STRING: {
        hana_slice *slices = hana_chunk_data(chunk, term->reg);
        const int64_t *offsets = hana_column_offsets(column) + from;
        const char *text = hana_column_text(column);
        for (size_t i = 0; i < n; i++)
            slices[i] = (hana_slice){ text ? text + offsets[i] : "",
                                      (size_t)(offsets[i + 1] - offsets[i]) };
        out->at.s = slices;
        break;
    }
    case HANA_BLOCK:
        break;
    }
    const uint8_t *validity = hana_column_validity(column);
    out->valid = NULL;
    if (!validity) return;
    uint8_t *valid = hana_chunk_valid(chunk, term->reg);
    hana_bits_spread(valid, validity + from / 8, n);
    out->valid = valid;
}

static const uint8_t *unite_valid(const hana_term *term, const hana_vector *args,
                                  const hana_chunk *chunk)
{
    uint8_t *valid = NULL;
    for (size_t k = 0; k < term->n_args; k++) {
        const uint8_t *more = args[k].valid;
        if (!more) continue;
        if (!valid) {
            valid = hana_chunk_valid(chunk, term->reg);
            memcpy(valid, more, chunk->n);
        } else
            for (size_t i = 0; i < chunk->n; i++) valid[i] &= more[i];
    }
    return valid;
}

hana_status hana_term_run(hana_vector *out, const hana_term *term, hana_chunk *chunk,
                          const uint8_t *active, hana_error *err)
{
    if (term->kind == HANA_TERM_CONSTANT) {
        out->at.any = hana_chunk_data(chunk, term->reg);
        out->valid = term->is_null ? hana_chunk_valid(chunk, term->reg) : NULL;
        return HANA_OK;
    }
    if (term->kind == HANA_TERM_COLUMN) {
        if (chunk->inputs)
            *out = chunk->inputs[term->number];
        else
            read_column(out, term, chunk);
        return HANA_OK;
    }
    if (term->lazy) return term->lazy(out, term, chunk, active, err);
    hana_vector args[HANA_TERM_ARGS];
    for (size_t i = 0; i < term->n_args; i++)
        HANA_TRY(hana_term_run(&args[i], term->args[i], chunk, active, err));
    out->at.any = hana_chunk_data(chunk, term->reg);
    out->valid = term->lax ? NULL : unite_valid(term, args, chunk);
    return term->run(out, term, args, chunk, active, err);
}

/* Runs a term over its domain; `sink` takes each chunk's result. */
typedef struct run run;
typedef hana_status sink(const run *r, const hana_vector *v, const hana_chunk *chunk,
                         size_t block, hana_error *err);
struct run {
    const hana_program *program;
    hana_term *term;
    int by_group, registers;
    size_t n;
    sink *put;
    hana_chunk *workers;
    int n_workers;

    /* the result being made */
    unsigned char *values;
    size_t width;
    uint8_t *validity, *bits;
    int64_t *ends;    /* text: ends[i] is the end of cell i within its block's text */
    hana_text *texts; /* per block */
    size_t *rows, *counts; /* filter */
};

static hana_status run_block(void *context, size_t block, int worker, hana_error *err)
{
    run *r = context;
    hana_chunk *chunk = &r->workers[worker];
    if (!chunk->registers) {
        chunk->registers =
            hana_alloc((size_t)r->registers * chunk->capacity, CELL_BYTES + 1);
        if (!chunk->registers) return hana_fail_memory(err);
        fill_constants(r->term, chunk);
    }
    size_t from = block * HANA_EXPR_BLOCK, end = from + HANA_EXPR_BLOCK;
    if (end > r->n) end = r->n;
    for (; from < end; from += HANA_EXPR_CHUNK) {
        arena_empty(&chunk->arena);
        chunk->from = from;
        chunk->n = end - from < HANA_EXPR_CHUNK ? end - from : HANA_EXPR_CHUNK;
        if (r->values && r->term->kind == HANA_TERM_APPLY) {
            chunk->direct_reg = r->term->reg;
            chunk->direct = r->values + from * r->width;
        }
        hana_vector v;
        HANA_TRY(hana_term_run(&v, r->term, chunk, NULL, err));
        HANA_TRY(r->put(r, &v, chunk, block, err));
    }
    return HANA_OK;
}

static hana_status assign_all(int *registers, hana_term *term, hana_error *err)
{
    allocator a = { 0 };
    hana_status status = assign_constants(term, &a, err);
    if (status == HANA_OK) status = assign(term, &a, err);
    /* The result's register may be wider in memory than the result: it is shared with
     * nobody. */
    if (term->kind == HANA_TERM_APPLY) term->reg = a.n++;
    *registers = a.n;
    hana_free(a.used);
    return status;
}

/* Each register begins at a multiple of 16 bytes. */
static size_t short_capacity(size_t rows)
{
    return (rows + 15) / 16 * 16;
}

hana_status hana_chunk_open(hana_chunk *chunk, const hana_program *program,
                            hana_term *term, size_t rows, hana_error *err)
{
    int registers;
    HANA_TRY(assign_all(&registers, term, err));
    *chunk = (hana_chunk){ .program = program,
                           .direct_reg = -1,
                           .capacity = short_capacity(rows) };
    chunk->registers = hana_alloc((size_t)registers * chunk->capacity, CELL_BYTES + 1);
    if (!chunk->registers) return hana_fail_memory(err);
    fill_constants(term, chunk);
    return HANA_OK;
}

hana_status hana_chunk_run(hana_vector *out, hana_chunk *chunk, const hana_term *term,
                           size_t rows, hana_error *err)
{
    arena_empty(&chunk->arena);
    chunk->n = rows;
    return hana_term_run(out, term, chunk, NULL, err);
}

void hana_chunk_close(hana_chunk *chunk)
{
    arena_free(&chunk->arena);
    hana_free(chunk->registers);
    *chunk = (hana_chunk){ 0 };
}

static hana_status run_all(run *r, hana_error *err)
{
    hana_job *job = r->program->job;
    HANA_TRY(assign_all(&r->registers, r->term, err));
    r->n_workers = hana_job_threads(job);
    r->workers = hana_alloc_zero((size_t)r->n_workers, sizeof *r->workers);
    if (!r->workers) return hana_fail_memory(err);
    /* Registers of a frame of few rows are short. */
    size_t capacity = r->n < HANA_EXPR_CHUNK ? short_capacity(r->n) : HANA_EXPR_CHUNK;
    for (int w = 0; w < r->n_workers; w++) {
        r->workers[w].program = r->program;
        r->workers[w].by_group = r->by_group;
        r->workers[w].direct_reg = -1;
        r->workers[w].capacity = capacity;
    }
    size_t blocks = (r->n + HANA_EXPR_BLOCK - 1) / HANA_EXPR_BLOCK;
    hana_status status = hana_parallel(job, blocks, run_block, r, err);
    for (int w = 0; w < r->n_workers; w++) {
        arena_free(&r->workers[w].arena);
        hana_free(r->workers[w].registers);
    }
    hana_free(r->workers);
    r->workers = NULL;
    return status;
}

static void put_validity(const run *r, const hana_vector *v, const hana_chunk *chunk)
{
    uint8_t *bits = r->validity + chunk->from / 8;
    if (v->valid)
        hana_bits_pack(bits, v->valid, chunk->n);
    else
        hana_bits_fill(bits, chunk->n);
}

static hana_status put_fixed(const run *r, const hana_vector *v, const hana_chunk *chunk,
                             size_t block, hana_error *err)
{
    (void)block;
    (void)err;
    unsigned char *to = r->values + chunk->from * r->width;
    if (v->at.any != to) memcpy(to, v->at.any, chunk->n * r->width);
    put_validity(r, v, chunk);
    if (!v->valid) return HANA_OK;
    if (r->term->type == HANA_FLOAT) {
        double *f = (double *)(void *)to;
        for (size_t i = 0; i < chunk->n; i++) f[i] = v->valid[i] ? f[i] : (double)NAN;
    } else if (r->width == sizeof(int64_t)) {
        int64_t *k = (int64_t *)(void *)to;
        for (size_t i = 0; i < chunk->n; i++) k[i] = v->valid[i] ? k[i] : 0;
    } else {
        int32_t *k = (int32_t *)(void *)to;
        for (size_t i = 0; i < chunk->n; i++) k[i] = v->valid[i] ? k[i] : 0;
    }
    return HANA_OK;
}

static hana_status put_bool(const run *r, const hana_vector *v, const hana_chunk *chunk,
                            size_t block, hana_error *err)
{
    (void)block;
    (void)err;
    const uint8_t *present = r->validity + chunk->from / 8;
    put_validity(r, v, chunk);
    uint8_t *to = r->bits + chunk->from / 8;
    hana_bits_pack(to, v->at.b, chunk->n);
    if (v->valid)
        for (size_t i = 0; i < hana_bitmap_bytes(chunk->n); i++) to[i] &= present[i];
    return HANA_OK;
}

static hana_status put_text(const run *r, const hana_vector *v, const hana_chunk *chunk,
                            size_t block, hana_error *err)
{
    hana_text *text = &r->texts[block];
    for (size_t i = 0; i < chunk->n; i++) {
        if (!v->valid || v->valid[i])
            hana_text_add(text, v->at.s[i].data, v->at.s[i].length);
        r->ends[chunk->from + i] = (int64_t)text->length;
    }
    put_validity(r, v, chunk);
    return text->failed ? hana_fail_memory(err) : HANA_OK;
}

/* Whether each row is chosen, and how many a block are. */
static hana_status put_choice(const run *r, const hana_vector *v, const hana_chunk *chunk,
                              size_t block, hana_error *err)
{
    (void)err;
    uint8_t *bits = r->bits + chunk->from / 8, present[HANA_EXPR_CHUNK / 8];
    hana_bits_pack(bits, v->at.b, chunk->n);
    if (v->valid) {
        hana_bits_pack(present, v->valid, chunk->n);
        for (size_t i = 0; i < hana_bitmap_bytes(chunk->n); i++) bits[i] &= present[i];
    }
    r->counts[block] += hana_bits_count(bits, chunk->n);
    return HANA_OK;
}

/* counts[b] is by now where the block's rows begin. */
static hana_status list_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    (void)err;
    run *r = context;
    size_t from = block * HANA_EXPR_BLOCK, end = from + HANA_EXPR_BLOCK;
    if (end > r->n) end = r->n;
    size_t *rows = r->rows + r->counts[block];
    for (size_t at = from; at < end; at += 64) {
        uint64_t word = 0;
        size_t bytes = hana_bitmap_bytes(end - at < 64 ? end - at : 64);
        memcpy(&word, r->bits + at / 8, bytes);
        for (; word; word &= word - 1) *rows++ = at + (size_t)__builtin_ctzll(word);
    }
    return HANA_OK;
}

static hana_status join_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    (void)err;
    run *r = context;
    size_t from = block * HANA_EXPR_BLOCK, end = from + HANA_EXPR_BLOCK;
    if (end > r->n) end = r->n;
    int64_t base = (int64_t)r->counts[block];
    for (size_t i = from; i < end; i++) r->ends[i] += base;
    if (r->texts[block].length)
        memcpy(r->values + base, r->texts[block].data, r->texts[block].length);
    hana_text_clear(&r->texts[block]);
    return HANA_OK;
}

static hana_status make_text(hana_column *column, run *r, hana_error *err)
{
    size_t blocks = (r->n + HANA_EXPR_BLOCK - 1) / HANA_EXPR_BLOCK;
    void *offsets;
    HANA_TRY(hana_column_room(&offsets, column, r->n + 1, sizeof(int64_t), err));
    r->ends = (int64_t *)offsets + 1;
    r->ends[-1] = 0;
    r->put = put_text;
    r->texts = hana_alloc_zero(blocks, sizeof *r->texts);
    r->counts = hana_alloc_zero(blocks + 1, sizeof *r->counts);
    hana_status status = r->texts && r->counts ? run_all(r, err) : hana_fail_memory(err);
    if (status == HANA_OK) {
        char *text;
        for (size_t b = 0; b < blocks; b++)
            r->counts[b + 1] = r->counts[b] + r->texts[b].length;
        status = hana_column_text_room(&text, column, r->counts[blocks], err);
        r->values = (unsigned char *)text;
    }
    if (status == HANA_OK)
        status = hana_parallel(r->program->job, blocks, join_block, r, err);
    for (size_t b = 0; r->texts && b < blocks; b++) hana_text_clear(&r->texts[b]);
    hana_free(r->texts);
    hana_free(r->counts);
    return status;
}

static hana_status make_fixed(hana_column *column, run *r, hana_error *err)
{
    void *values;
    r->width = hana_type_width(r->term->type);
    HANA_TRY(hana_column_room(&values, column, r->n, r->width, err));
    r->values = values;
    r->put = put_fixed;
    return run_all(r, err);
}

static hana_status make_bool(hana_column *column, run *r, hana_error *err)
{
    void *bits;
    HANA_TRY(hana_column_room(&bits, column, hana_bitmap_bytes(r->n), 1, err));
    r->bits = bits;
    r->put = put_bool;
    return run_all(r, err);
}

hana_status hana_program_column(hana_column **out, hana_program *program, hana_term *term,
                                int by_group, hana_error *err)
{
    int at_home = by_group ? HANA_LEVEL_GROUP : HANA_LEVEL_ROW;
    if (term->kind == HANA_TERM_COLUMN && (int)term->level == at_home)
        return hana_column_share(out, term->column, err);
    run r = { .program = program, .term = term, .by_group = by_group };
    r.n = by_group ? program->groups : program->rows;
    hana_column *column;
    HANA_TRY(hana_column_make(&column, term->type, r.n, err));
    column->levels = hana_column_retain(term->levels);
    column->ordered = term->ordered;
    memcpy(column->zone, term->zone, sizeof term->zone);
    hana_status status = hana_column_validity_room(&r.validity, column, 0, err);
    if (status == HANA_OK && term->type == HANA_STRING)
        status = make_text(column, &r, err);
    else if (status == HANA_OK && term->type == HANA_BOOL)
        status = make_bool(column, &r, err);
    else if (status == HANA_OK)
        status = make_fixed(column, &r, err);
    if (status != HANA_OK) {
        hana_column_release(column);
        return status;
    }
    hana_column_count_nulls(column);
    *out = column;
    return HANA_OK;
}

hana_status hana_program_rows(size_t **rows, size_t *n, hana_program *program,
                              hana_term *term, hana_error *err)
{
    run r = { .program = program, .term = term, .n = program->rows, .put = put_choice };
    size_t blocks = (r.n + HANA_EXPR_BLOCK - 1) / HANA_EXPR_BLOCK, total = 0;
    r.bits = hana_alloc(hana_bitmap_bytes(r.n), 1);
    r.counts = hana_alloc_zero(blocks, sizeof *r.counts);
    hana_status status = r.bits && r.counts ? run_all(&r, err) : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t b = 0; b < blocks; b++) {
            size_t count = r.counts[b];
            r.counts[b] = total;
            total += count;
        }
        r.rows = hana_alloc(total, sizeof *r.rows);
        status = r.rows ? hana_parallel(program->job, blocks, list_block, &r, err)
                        : hana_fail_memory(err);
    }
    if (status == HANA_OK) {
        *rows = r.rows;
        *n = total;
    } else
        hana_free(r.rows);
    hana_free(r.bits);
    hana_free(r.counts);
    return status;
}

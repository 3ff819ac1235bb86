#include "base/parallel.h"
#include "data/frame_parts.h"

#include <string.h>

enum { BLOCK_ROWS = 1 << 16 };

static hana_row_ids *ids_of(const hana_frame *frame)
{
    union {
        const hana_frame *fixed;
        hana_frame *open;
    } access = { .fixed = frame };
    return &access.open->ids;
}

/* Two threads that ask first both compute the same hash. */
static uint64_t own_origin(const hana_frame *frame)
{
    hana_row_ids *ids = ids_of(frame);
    if (!atomic_load_explicit(&ids->known, memory_order_acquire)) {
        atomic_store_explicit(&ids->origin, hana_frame_hash(frame), memory_order_relaxed);
        atomic_store_explicit(&ids->known, 1, memory_order_release);
    }
    return atomic_load_explicit(&ids->origin, memory_order_relaxed);
}

uint64_t hana_frame_origin(const hana_frame *frame, size_t row)
{
    return frame->ids.origins ? frame->ids.origins[row] : own_origin(frame);
}

int64_t hana_frame_position(const hana_frame *frame, size_t row)
{
    return frame->ids.positions ? frame->ids.positions[row]
                                : frame->ids.first + (int64_t)row;
}

static void set_origin(hana_frame *to, uint64_t origin)
{
    atomic_store(&to->ids.origin, origin);
    atomic_store(&to->ids.known, 1);
}

void hana_ids_clear(hana_row_ids *ids)
{
    hana_buffer_release(ids->origins_held);
    hana_buffer_release(ids->positions_held);
    ids->origins_held = NULL;
    ids->positions_held = NULL;
    ids->origins = NULL;
    ids->positions = NULL;
    ids->first = 0;
    atomic_store(&ids->known, 0);
}

void hana_ids_share(hana_frame *to, const hana_frame *from)
{
    hana_ids_slice(to, from, 0);
}

void hana_ids_slice(hana_frame *to, const hana_frame *from, size_t begin)
{
    const hana_row_ids *ids = &from->ids;
    set_origin(to, ids->origins ? 0 : own_origin(from));
    if (ids->origins) {
        to->ids.origins = ids->origins + begin;
        to->ids.origins_held = hana_buffer_retain(ids->origins_held);
    }
    if (ids->positions) {
        to->ids.positions = ids->positions + begin;
        to->ids.positions_held = hana_buffer_retain(ids->positions_held);
    } else {
        to->ids.first = ids->first + (int64_t)begin;
    }
}

typedef struct taking {
    const hana_frame *from;
    const size_t *rows;
    size_t n;
    uint64_t *origins; /* NULL: all of one origin */
    int64_t *positions;
} taking;

/* A row that comes from nowhere (HANA_NO_ROW) has origin 0 and position -1. */
static hana_status take_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const taking *t = context;
    size_t begin = block * BLOCK_ROWS, end = begin + BLOCK_ROWS;
    if (end > t->n) end = t->n;
    size_t length = t->from->rows;
    for (size_t i = begin; i < end; i++) {
        size_t r = t->rows[i];
        t->positions[i] = r < length ? hana_frame_position(t->from, r) : -1;
    }
    for (size_t i = begin; t->origins && i < end; i++) {
        size_t r = t->rows[i];
        t->origins[i] = r < length ? hana_frame_origin(t->from, r) : 0;
    }
    return HANA_OK;
}

hana_status hana_ids_take(hana_frame *to, const hana_frame *from, const size_t *rows,
                          size_t n, int missing, hana_error *err)
{
    set_origin(to, from->ids.origins ? 0 : own_origin(from));
    taking t = { .from = from, .rows = rows, .n = n };
    HANA_TRY(hana_buffer_new(&to->ids.positions_held, n, sizeof *t.positions, err));
    to->ids.positions = t.positions = to->ids.positions_held->data;
    if (from->ids.origins || missing) {
        HANA_TRY(hana_buffer_new(&to->ids.origins_held, n, sizeof *t.origins, err));
        to->ids.origins = t.origins = to->ids.origins_held->data;
    }
    return hana_parallel(hana_job_current(), (n + BLOCK_ROWS - 1) / BLOCK_ROWS,
                         take_block, &t, err);
}

static int one_origin(const hana_frame *const *parts, size_t n)
{
    for (size_t p = 0; p < n; p++)
        if (parts[p]->ids.origins || own_origin(parts[p]) != own_origin(parts[0]))
            return 0;
    return 1;
}

static void write_positions(int64_t *to, const hana_frame *from)
{
    const int64_t *positions = from->ids.positions;
    if (positions && from->rows)
        memcpy(to, positions, from->rows * sizeof *to);
    else
        for (size_t i = 0; i < from->rows; i++) to[i] = from->ids.first + (int64_t)i;
}

static void write_origins(uint64_t *to, const hana_frame *from)
{
    uint64_t origin = from->ids.origins ? 0 : own_origin(from);
    for (size_t i = 0; i < from->rows; i++)
        to[i] = from->ids.origins ? from->ids.origins[i] : origin;
}

hana_status hana_ids_concat(hana_frame *to, const hana_frame *const *parts, size_t n,
                            hana_error *err)
{
    uint64_t *origins = NULL;
    HANA_TRY(hana_buffer_new(&to->ids.positions_held, to->rows, sizeof(int64_t), err));
    int64_t *positions = to->ids.positions_held->data;
    to->ids.positions = positions;
    if (one_origin(parts, n)) {
        set_origin(to, own_origin(parts[0]));
    } else {
        set_origin(to, 0);
        HANA_TRY(hana_buffer_new(&to->ids.origins_held, to->rows, sizeof *origins, err));
        to->ids.origins = origins = to->ids.origins_held->data;
    }
    for (size_t p = 0; p < n; p++) {
        write_positions(positions, parts[p]);
        positions += parts[p]->rows;
        if (!origins) continue;
        write_origins(origins, parts[p]);
        origins += parts[p]->rows;
    }
    return HANA_OK;
}

hana_status hana_frame_with_ids(hana_frame **out, const hana_frame *frame,
                                uint64_t origin, const int64_t *positions,
                                hana_error *err)
{
    hana_frame *copy;
    HANA_TRY(hana_frame_copy(&copy, frame, err));
    hana_ids_clear(&copy->ids);
    set_origin(copy, origin);
    if (positions) {
        hana_status status = hana_buffer_new(&copy->ids.positions_held, frame->rows,
                                             sizeof *positions, err);
        if (status != HANA_OK) {
            hana_frame_release(copy);
            return status;
        }
        int64_t *to = copy->ids.positions_held->data;
        for (size_t i = 0; i < frame->rows; i++) to[i] = positions[i];
        copy->ids.positions = to;
    }
    *out = copy;
    return HANA_OK;
}

hana_status hana_frame_with_ids_of(hana_frame **out, const hana_frame *frame,
                                   const hana_frame *ids, hana_error *err)
{
    if (ids->rows != frame->rows)
        return hana_fail(err, HANA_BAD_SHAPE, "ids of %zu rows for a frame of %zu",
                         ids->rows, frame->rows);
    hana_frame *copy;
    HANA_TRY(hana_frame_copy(&copy, frame, err));
    hana_ids_clear(&copy->ids);
    hana_ids_share(copy, ids);
    *out = copy;
    return HANA_OK;
}

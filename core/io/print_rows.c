#include "print_rows.h"

#include "base/parallel.h"

#include <stdatomic.h>

/* Measured: smaller blocks cost more in writing. Enough of them that threads end
 * together. */
enum { BLOCK_BYTES = 1 << 20, BLOCKS_A_THREAD = 4, MOST_BLOCKS = 128 };

static atomic_size_t test_bytes;

void hana_print_rows_bytes(size_t bytes)
{
    atomic_store(&test_bytes, bytes);
}

/* Some blocks, printed at once. */
typedef struct round {
    hana_text *texts;
    size_t *to; /* behind the last row of each */
    size_t n, from;
} round;

typedef struct run {
    const hana_row_printer *printer;
    const int64_t **offsets; /* of the string columns */
    size_t n_offsets, rows, bytes, most;
    round now, before; /* printed, and handed on */
} run;

static size_t bytes_of(const run *r, size_t from, size_t to)
{
    size_t bytes = (to - from) * r->printer->row_bytes;
    for (size_t j = 0; j < r->n_offsets; j++)
        bytes += (size_t)(r->offsets[j][to] - r->offsets[j][from]);
    return bytes;
}

/* Behind the last row of the block that begins with `from`. */
static size_t block_end(const run *r, size_t from)
{
    if (bytes_of(r, from, r->rows) <= r->bytes) return r->rows;
    size_t fits = from + 1, beyond = r->rows;
    while (beyond - fits > 1) {
        size_t middle = fits + (beyond - fits) / 2;
        if (bytes_of(r, from, middle) <= r->bytes)
            fits = middle;
        else
            beyond = middle;
    }
    return fits;
}

static hana_status hand_on(run *r, hana_error *err)
{
    for (size_t k = 0; k < r->before.n; k++) {
        hana_text *text = &r->before.texts[k];
        HANA_TRY(r->printer->hand_on(r->printer->context, text, err));
        text->length = 0;
    }
    return HANA_OK;
}

static hana_status run_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    run *r = context;
    if (r->before.n > 0 && block == 0) return hand_on(r, err);
    size_t k = block - (r->before.n > 0);
    /* Where the texts lie side by side, threads would fight for the lines of the cache.
     */
    hana_text text = r->now.texts[k];
    hana_status status =
        r->printer->print(r->printer->context, &text, k ? r->now.to[k - 1] : r->now.from,
                          r->now.to[k], err);
    r->now.texts[k] = text;
    if (status == HANA_OK && text.failed) status = hana_fail_memory(err);
    return status;
}

static hana_status run_rounds(run *r, hana_job *job, hana_error *err)
{
    for (size_t next = 0; next < r->rows || r->before.n > 0;) {
        round *now = &r->now;
        now->from = next;
        for (now->n = 0; now->n < r->most && next < r->rows; now->n++)
            next = now->to[now->n] = block_end(r, next);
        if (now->n > 0)
            hana_job_stage(job, "", (double)now->from / (double)r->rows,
                           (double)next / (double)r->rows);
        HANA_TRY(hana_parallel(job, now->n + (r->before.n > 0), run_block, r, err));
        round printed = *now;
        *now = r->before;
        r->before = printed;
    }
    return HANA_OK;
}

static hana_status round_new(round *out, size_t most, hana_error *err)
{
    out->texts = hana_alloc_zero(most, sizeof *out->texts);
    out->to = hana_alloc(most, sizeof *out->to);
    return out->texts && out->to ? HANA_OK : hana_fail_memory(err);
}

static void round_clear(round *gone, size_t most)
{
    for (size_t k = 0; k < most && gone->texts; k++) hana_text_clear(&gone->texts[k]);
    hana_free(gone->texts);
    hana_free(gone->to);
}

hana_status hana_print_rows(const hana_row_printer *printer, hana_job *job,
                            hana_error *err)
{
    size_t cols = hana_frame_cols(printer->frame),
           most = (size_t)hana_job_threads(job) * BLOCKS_A_THREAD;
    run r = { .printer = printer,
              .rows = hana_frame_rows(printer->frame),
              .bytes = atomic_load(&test_bytes),
              .most = most < MOST_BLOCKS ? most : MOST_BLOCKS,
              .offsets = hana_alloc(cols, sizeof *r.offsets) };
    if (r.bytes == 0) r.bytes = BLOCK_BYTES;
    hana_status status = r.offsets ? HANA_OK : hana_fail_memory(err);
    for (size_t j = 0; j < cols && status == HANA_OK; j++) {
        const hana_column *column = hana_frame_column(printer->frame, j);
        if (hana_column_type(column) == HANA_STRING)
            r.offsets[r.n_offsets++] = hana_column_offsets(column);
    }
    if (status == HANA_OK) status = round_new(&r.now, r.most, err);
    if (status == HANA_OK) status = round_new(&r.before, r.most, err);
    if (status == HANA_OK) status = run_rounds(&r, job, err);
    round_clear(&r.now, r.most);
    round_clear(&r.before, r.most);
    hana_free(r.offsets);
    return status;
}

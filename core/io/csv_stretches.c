#include "csv_parts.h"

#include "base/parallel.h"

#include <stdatomic.h>
#include <string.h>

enum {
    STRETCH_BYTES = 1 << 18,
    MOST_BYTES = 1 << 26,
    RECORDS_AT_LEAST = 512,
    LARGE_BYTES = 1 << 24, /* worth to save memory */
    FORGET_STRETCHES = 16,
    FORGET_BYTES = FORGET_STRETCHES * STRETCH_BYTES,
    /* How far behind its end a stretch that may have begun inside quotes looks for a
       closing one. */
    REACH = 1 << 22
};

static atomic_size_t forced_bytes;

void hana_csv_stretch_bytes(size_t bytes)
{
    atomic_store(&forced_bytes, bytes);
}

void hana_csv_stretches_clear(hana_csv_stretches *all)
{
    for (size_t k = 0; k < all->n; k++)
        hana_csv_stretch_clear(&all->items[k], all->layout->width);
    hana_free(all->items);
    hana_free(all->kinds);
    *all = (hana_csv_stretches){ 0 };
}

static hana_status make_room(hana_csv_stretches *all, size_t n, hana_error *err)
{
    if (n <= all->capacity) return HANA_OK;
    size_t capacity = n < 8 ? 8 : n * 2;
    hana_csv_stretch *grown = hana_realloc(all->items, capacity, sizeof *grown);
    if (!grown) return hana_fail_memory(err);
    all->items = grown;
    all->capacity = capacity;
    return HANA_OK;
}

static int wants_rooms(const hana_csv_stretches *all)
{
    return atomic_load(&forced_bytes) || all->length - all->at > LARGE_BYTES;
}

/* Pages of a mapped file need not stay in memory when they were read: what is read once
   more comes from the system's cache. */
static void forget(const hana_csv_stretches *all, size_t from, size_t to)
{
    if (all->file) hana_file_forget(all->file, all->text + from, to - from);
}

/* The next stretch is right as it stands: counts it in. */
static hana_status accept(hana_csv_stretches *all, const hana_csv_stretch *s,
                          int64_t *line, hana_error *err)
{
    if (s->status != HANA_OK) {
        int64_t at = *line + s->failed_line - 1;
        hana_fail(err, s->status, "%s", s->error.message);
        if (err) err->position = at < INT32_MAX ? (int)at : INT32_MAX;
        return s->status;
    }
    for (size_t j = 0; j < all->layout->width; j++)
        all->kinds[j] = hana_csv_join(all->kinds[j], s->parts[j].kind);
    *line += s->lines;
    all->rows += s->rows;
    return HANA_OK;
}

/* One stretch after the other, each beginning where the one before ended. */
static hana_status read_serially(hana_csv_stretches *all, size_t bytes, hana_job *job,
                                 hana_error *err)
{
    hana_csv_tokens *tokens = NULL;
    hana_csv_room *room = NULL;
    int64_t line = all->line;
    size_t at = all->at, forgotten = at;
    HANA_TRY(
        hana_csv_tokens_new(&tokens, all->layout->style, all->text, all->length, err));
    hana_csv_tokens_seek(tokens, at, 1);
    hana_status status = HANA_OK;
    int rooms = wants_rooms(all);
    while (at < all->length && all->rows < all->limit) {
        HANA_GOTO(done, hana_job_at(job, at, all->length, err));
        HANA_GOTO(done, make_room(all, all->n + 1, err));
        hana_csv_stretch *s = &all->items[all->n];
        size_t stop = all->length - at < bytes ? all->length : at + bytes;
        HANA_GOTO(done, hana_csv_stretch_read(s, tokens, all->layout, all->kinds, stop,
                                              all->limit - all->rows,
                                              rooms ? &room : NULL, err));
        all->n++;
        if (s->to - forgotten >= FORGET_BYTES) {
            forget(all, forgotten, s->to);
            forgotten = s->to;
        }
        HANA_GOTO(done, accept(all, s, &line, err));
        /* Wide records need longer stretches, or a part is hardly more than its
         * bookkeeping. */
        if (s->rows > 0 && s->rows < RECORDS_AT_LEAST && bytes < MOST_BYTES) bytes *= 2;
        at = s->to;
    }
done:
    hana_csv_room_release(room);
    hana_csv_tokens_free(tokens);
    return status;
}

/* Stretches that are read at once, each from a line that is taken for the beginning of a
 * record. */
typedef struct guesses {
    const hana_csv_stretches *all;
    const size_t *starts; /* n + 1 of them, the last is the end */
    hana_csv_stretch *items;
    hana_csv_tokens **tokens; /* one a thread */
    hana_csv_room **rooms;    /* likewise; NULL: none */
    unsigned char *cut; /* the stretch ran into the end of its reach, not of the text */
} guesses;

static size_t line_start(const hana_csv_stretches *all, size_t at)
{
    if (at >= all->length) return all->length;
    const char *found = memchr(all->text + at - 1, '\n', all->length - at + 1);
    return found ? (size_t)(found - all->text) + 1 : all->length;
}

static hana_status read_guess(void *context, size_t k, int worker, hana_error *err)
{
    guesses *g = context;
    const hana_csv_stretches *all = g->all;
    size_t stop = g->starts[k + 1], end = all->length;
    if (g->starts[k] == stop) return HANA_OK;
    if (k > 0 && end - stop > REACH) end = line_start(all, stop + REACH);
    hana_csv_tokens **tokens = &g->tokens[worker];
    if (!*tokens)
        HANA_TRY(hana_csv_tokens_new(tokens, all->layout->style, all->text, end, err));
    hana_csv_tokens_end(*tokens, end);
    hana_csv_tokens_seek(*tokens, g->starts[k], 1);
    hana_status status =
        hana_csv_stretch_read(&g->items[k], *tokens, all->layout, NULL, stop, SIZE_MAX,
                              g->rooms ? &g->rooms[worker] : NULL, err);
    if (k % FORGET_STRETCHES == 0 && k > 0)
        forget(all, g->starts[k - FORGET_STRETCHES], g->starts[k]);
    g->cut[k] = status == HANA_OK && end < all->length && g->items[k].status != HANA_OK;
    return status;
}

/* Whether the stretch makes a column wider that had a kind already. It is then read as
   one that follows the stretches before, so that the report gives the same reason as if
   all were read in order. */
static int widens(const hana_csv_stretches *all, const hana_csv_stretch *s)
{
    for (size_t j = 0; s->status == HANA_OK && j < all->layout->width; j++) {
        hana_csv_kind kind = all->kinds[j];
        if (kind > HANA_CSV_EMPTY && hana_csv_join(kind, s->parts[j].kind) != kind)
            return 1;
    }
    return 0;
}

/* Takes the guesses that were right over, and reads the others again from where they
 * begin. */
static hana_status confirm(hana_csv_stretches *all, guesses *g, size_t n, hana_job *job,
                           hana_error *err)
{
    hana_csv_tokens *tokens = NULL;
    int64_t line = all->line;
    size_t at = all->at;
    HANA_TRY(
        hana_csv_tokens_new(&tokens, all->layout->style, all->text, all->length, err));
    hana_status status = HANA_OK;
    for (size_t k = 0; k < n; k++) {
        hana_csv_stretch *s = &g->items[k];
        if (at >= g->starts[k + 1]) continue; /* inside a record that began before */
        if (g->starts[k] != at || g->cut[k] || widens(all, s)) {
            HANA_GOTO(done, hana_job_check(job, err));
            hana_csv_stretch_clear(s, all->layout->width);
            hana_csv_tokens_seek(tokens, at, 1);
            HANA_GOTO(done, hana_csv_stretch_read(s, tokens, all->layout, all->kinds,
                                                  g->starts[k + 1], SIZE_MAX,
                                                  g->rooms ? &g->rooms[0] : NULL, err));
        }
        at = s->to;
        all->items[all->n++] = *s;
        *s = (hana_csv_stretch){ 0 };
        HANA_GOTO(done, accept(all, &all->items[all->n - 1], &line, err));
    }
done:
    hana_csv_tokens_free(tokens);
    return status;
}

static hana_status read_at_once(hana_csv_stretches *all, size_t bytes, hana_job *job,
                                hana_error *err)
{
    size_t n = (all->length - all->at + bytes - 1) / bytes;
    size_t *starts = hana_alloc(n + 1, sizeof *starts);
    size_t threads = (size_t)hana_job_threads(job);
    guesses g = { .all = all,
                  .starts = starts,
                  .items = hana_alloc_zero(n, sizeof *g.items),
                  .tokens = hana_alloc_zero(threads, sizeof *g.tokens),
                  .cut = hana_alloc_zero(n, 1) };
    hana_status status;
    int rooms = wants_rooms(all);
    if (rooms) g.rooms = hana_alloc_zero(threads, sizeof *g.rooms);
    if (!starts || !g.items || !g.tokens || !g.cut || (rooms && !g.rooms))
        HANA_GOTO(done, hana_fail_memory(err));
    starts[0] = all->at;
    for (size_t k = 1; k < n; k++) {
        starts[k] = line_start(all, all->at + k * bytes);
        if (starts[k] < starts[k - 1]) starts[k] = starts[k - 1];
    }
    starts[n] = all->length;
    HANA_GOTO(done, make_room(all, n, err));
    HANA_GOTO(done, hana_parallel(job, n, read_guess, &g, err));
    status = confirm(all, &g, n, job, err);
done:
    for (size_t k = 0; g.items && k < n; k++)
        hana_csv_stretch_clear(&g.items[k], all->layout->width);
    for (size_t w = 0; w < threads; w++) {
        if (g.tokens) hana_csv_tokens_free(g.tokens[w]);
        if (g.rooms) hana_csv_room_release(g.rooms[w]);
    }
    hana_free(g.items);
    hana_free(g.tokens);
    hana_free(g.rooms);
    hana_free(g.cut);
    hana_free(starts);
    return status;
}

/* Records of the first stretch tell how wide they are. */
static size_t fitting_bytes(const hana_csv_stretches *all)
{
    size_t bytes = STRETCH_BYTES, record = 0, end = all->at;
    for (int k = 0; k < 8 && end < all->length; k++) {
        size_t next = line_start(all, end + 1);
        if (next - end > record) record = next - end;
        end = next;
    }
    while (bytes / RECORDS_AT_LEAST < record && bytes < MOST_BYTES) bytes *= 2;
    return bytes;
}

hana_status hana_csv_stretches_read(hana_csv_stretches *all, hana_job *job,
                                    hana_error *err)
{
    size_t forced = atomic_load(&forced_bytes);
    size_t bytes = forced ? forced : fitting_bytes(all);
    all->kinds = hana_alloc_zero(all->layout->width, sizeof *all->kinds);
    if (!all->kinds) return hana_fail_memory(err);
    size_t left = all->length - all->at;
    if (left > 0 && all->limit == SIZE_MAX &&
        (forced || (hana_job_threads(job) > 1 && left > 2 * bytes)))
        return read_at_once(all, bytes, job, err);
    return read_serially(all, bytes, job, err);
}

static hana_status convert_one(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker;
    hana_csv_stretches *all = context;
    hana_csv_tokens *tokens = NULL;
    HANA_TRY(
        hana_csv_tokens_new(&tokens, all->layout->style, all->text, all->length, err));
    hana_status status =
        hana_csv_stretch_convert(&all->items[k], tokens, all->layout, all->kinds, err);
    hana_csv_tokens_free(tokens);
    return status;
}

hana_status hana_csv_stretches_unify(hana_csv_stretches *all, hana_job *job,
                                     hana_error *err)
{
    const hana_csv_style *style = all->layout->style;
    for (size_t j = 0; j < all->layout->width; j++)
        if (all->kinds[j] == HANA_CSV_EMPTY) all->kinds[j] = HANA_CSV_STRING;
    HANA_TRY(hana_parallel(job, all->n, convert_one, all, err));
    int64_t line = all->line - 1;
    for (size_t k = 0; k < all->n && style->on_error == 0; k++) {
        for (size_t j = 0; j < all->layout->width; j++) {
            const hana_csv_part *p = &all->items[k].parts[j];
            if (all->kinds[j] != HANA_CSV_DATETIME || p->gaps == 0) continue;
            hana_fail(err, HANA_BAD_DATA,
                      "column '%s': '%s' does not exist in %s: clocks were put forward",
                      all->layout->columns[j].name, p->gap.text,
                      hana_zone_name(style->zone));
            line += p->gap.line;
            if (err) err->position = line < INT32_MAX ? (int)line : INT32_MAX;
            return HANA_BAD_DATA;
        }
        line += all->items[k].lines;
    }
    return HANA_OK;
}

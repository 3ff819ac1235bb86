#include "csv_parts.h"

#include <csv.h>
#include <string.h>

enum { LOOK_AHEAD = 1 << 16, WINDOW = 1 << 14 };

/* Well-formed records are cut at the marks (delimiters, quotes and line ends) that a scan
   finds a window at a time. Where a quote stands elsewhere than around a field, libcsv
   reads the record, line by line, so that it is known in which line it begins and a quote
   opens. Blanks as delimiters and delimiters of several bytes are dealt with by line. */
struct hana_csv_tokens {
    const hana_csv_style *style;
    const char *text, *end, *at;
    const char *line_feed; /* the next one at or behind `at`; `end` when there is none */
    const char *line_return; /* likewise, or NULL: there is none before `no_return` */
    const char *no_return;
    int64_t line;
    int has_marks;
    uint32_t *marks;      /* offsets from `window`, WINDOW of them at most */
    size_t n_marks, mark; /* mark: the next one */
    const char *window, *scanned;
    const char *marked; /* where the next mark is looked for: `at`, or stale */
    hana_csv_cell *cells;
    size_t n, capacity;
    struct csv_parser parser;
    int parser_ready, submitted, out_of_memory;
    char *block; /* texts of fields that were quoted */
    size_t block_used, block_size;
    char **full_blocks;
    size_t n_full, full_capacity;
};

static int never_space(unsigned char c)
{
    (void)c;
    return 0;
}

/* libcsv asks for a little more each time, which a field of many megabytes would spend
   its time copying for. */
static void *reallocate(void *block, size_t size)
{
    if (size <= hana_block_size(block)) return block;
    return hana_realloc(block, size < SIZE_MAX / 2 ? size + size / 2 : size, 1);
}

hana_status hana_csv_tokens_new(hana_csv_tokens **out, const hana_csv_style *style,
                                const char *text, size_t length, hana_error *err)
{
    hana_csv_tokens *t = hana_alloc_zero(1, sizeof *t);
    if (!t) return hana_fail_memory(err);
    *t = (hana_csv_tokens){ .style = style, .text = text, .end = text + length };
    if (csv_init(&t->parser, 0) != 0) {
        hana_free(t);
        return hana_fail(err, HANA_IO_FAILED, "libcsv cannot be set up");
    }
    csv_set_realloc_func(&t->parser, reallocate);
    csv_set_free_func(&t->parser, hana_free);
    csv_set_space_func(&t->parser, never_space);
    csv_set_delim(&t->parser, (unsigned char)style->delimiter);
    csv_set_quote(&t->parser, (unsigned char)style->quote);
    hana_csv_tokens_seek(t, 0, 1);
    t->has_marks = !style->whitespace && !style->wide &&
                   hana_csv_scan_way() != HANA_CSV_SCAN_LIBRARY;
    if (t->has_marks) t->marks = hana_alloc(WINDOW, sizeof *t->marks);
    if (t->has_marks && !t->marks) {
        hana_csv_tokens_free(t);
        return hana_fail_memory(err);
    }
    *out = t;
    return HANA_OK;
}

void hana_csv_tokens_free(hana_csv_tokens *t)
{
    if (!t) return;
    hana_csv_tokens_drop(t);
    hana_free(t->block);
    hana_free(t->full_blocks);
    hana_free(t->marks);
    hana_free(t->cells);
    csv_free(&t->parser);
    hana_free(t);
}

size_t hana_csv_tokens_at(const hana_csv_tokens *t)
{
    return (size_t)(t->at - t->text);
}

const char *hana_csv_tokens_text(const hana_csv_tokens *t, size_t *length)
{
    *length = (size_t)(t->end - t->text);
    return t->text;
}

int64_t hana_csv_tokens_line(const hana_csv_tokens *t)
{
    return t->line;
}

void hana_csv_tokens_seek(hana_csv_tokens *t, size_t at, int64_t line)
{
    t->at = t->text + at;
    t->line = line;
    t->line_feed = t->line_return = NULL;
    t->no_return = t->at;
    t->marked = NULL;
}

void hana_csv_tokens_end(hana_csv_tokens *t, size_t length)
{
    if (t->end == t->text + length) return;
    t->end = t->text + length;
    t->window = t->scanned = NULL;
    t->n_marks = t->mark = 0;
}

static const char *find(const char *from, const char *end, char c)
{
    const char *found = memchr(from, c, (size_t)(end - from));
    return found ? found : end;
}

/* Looks for a carriage return in the line that ends at line_feed, a block ahead at a
   time: most files have none, and looking through all of what is left would be done over
   for each stretch. */
static const char *next_return(hana_csv_tokens *t)
{
    if (t->line_return && t->line_return >= t->at) return t->line_return;
    if (t->no_return < t->at) t->no_return = t->at;
    t->line_return = NULL;
    while (t->no_return < t->line_feed) {
        size_t left = (size_t)(t->end - t->no_return);
        const char *stop = t->no_return + (left < LOOK_AHEAD ? left : LOOK_AHEAD);
        const char *found = find(t->no_return, stop, '\r');
        t->no_return = found;
        if (found < stop) return t->line_return = found;
    }
    return t->end;
}

/* The line at t->at: sets where its text ends and gives where the next line begins. */
static const char *line_at(hana_csv_tokens *t, const char **text_end)
{
    if (!t->line_feed || t->line_feed < t->at) t->line_feed = find(t->at, t->end, '\n');
    const char *back = next_return(t), *stop = t->line_feed < back ? t->line_feed : back;
    *text_end = stop;
    if (stop == t->end) return stop;
    return stop + (*stop == '\r' && stop + 1 < t->end && stop[1] == '\n' ? 2 : 1);
}

void hana_csv_tokens_skip_lines(hana_csv_tokens *t, int64_t n)
{
    const char *stop;
    for (; n > 0 && t->at < t->end; n--, t->line++) t->at = line_at(t, &stop);
}

static int add_cell(hana_csv_tokens *t, const char *text, size_t length, int quoted)
{
    if (t->n == t->capacity) {
        size_t capacity = t->capacity ? t->capacity * 2 : 256;
        hana_csv_cell *grown = hana_realloc(t->cells, capacity, sizeof *grown);
        if (!grown) return 0;
        t->cells = grown;
        t->capacity = capacity;
    }
    if (length > UINT32_MAX) return 0;
    t->cells[t->n++] =
        (hana_csv_cell){ .text = text, .length = (uint32_t)length, .quoted = quoted };
    return 1;
}

/* Room for the text of one field, which stays where it is until the fields are dropped.
 */
static char *keep(hana_csv_tokens *t, size_t length)
{
    if (!t->block || t->block_size - t->block_used < length) {
        if (t->n_full == t->full_capacity) {
            size_t capacity = t->full_capacity ? t->full_capacity * 2 : 16;
            char **grown = hana_realloc(t->full_blocks, capacity, sizeof *grown);
            if (!grown) return NULL;
            t->full_blocks = grown;
            t->full_capacity = capacity;
        }
        size_t size = length > (1 << 16) ? length : 1 << 16;
        char *block = hana_alloc(size, 1);
        if (!block) return NULL;
        if (t->block) t->full_blocks[t->n_full++] = t->block;
        t->block = block;
        t->block_size = size;
        t->block_used = 0;
    }
    char *place = t->block + t->block_used;
    t->block_used += length;
    return place;
}

void hana_csv_tokens_drop(hana_csv_tokens *t)
{
    while (t->n_full > 0) hana_free(t->full_blocks[--t->n_full]);
    t->block_used = 0;
    t->n = 0;
}

hana_csv_cell *hana_csv_tokens_cells(hana_csv_tokens *t, size_t *n)
{
    *n = t->n;
    return t->cells;
}

hana_status hana_csv_tokens_resize(hana_csv_tokens *t, size_t n, hana_error *err)
{
    if (n < t->n) t->n = n;
    while (t->n < n)
        if (!add_cell(t, "", 0, 0)) return hana_fail_memory(err);
    return HANA_OK;
}

/* libcsv's callbacks. An unquoted empty field comes as NULL. */
static void take_field(void *bytes, size_t length, void *data)
{
    hana_csv_tokens *t = data;
    if (t->out_of_memory) return;
    if (!bytes) {
        t->out_of_memory = !add_cell(t, "", 0, 0);
        return;
    }
    /* A delimiter of several bytes was replaced by one that occurs nowhere else. */
    size_t wide = t->style->wide ? strlen(t->style->wide) : 1, found = 0;
    const char *from = bytes;
    if (wide > 1)
        for (size_t i = 0; i < length; i++) found += from[i] == t->style->delimiter;
    char *copy = keep(t, length + found * (wide - 1));
    if (copy && found == 0) {
        if (length) memcpy(copy, bytes, length);
    } else if (copy) {
        char *to = copy;
        for (size_t i = 0; i < length; i++) {
            if (from[i] != t->style->delimiter) {
                *to++ = from[i];
                continue;
            }
            memcpy(to, t->style->wide, wide);
            to += wide;
        }
    }
    t->out_of_memory = !copy || !add_cell(t, copy, length + found * (wide - 1), 1);
}

static void take_record(int c, void *data)
{
    (void)c;
    ((hana_csv_tokens *)data)->submitted = 1;
}

static hana_status unclosed(int64_t line, hana_error *err)
{
    hana_fail(err, HANA_BAD_DATA, "the quote that opens here is never closed");
    if (err) err->position = line < INT32_MAX ? (int)line : INT32_MAX;
    return HANA_BAD_DATA;
}

/* Feeds lines from t->at until a record is complete. Strictly at first: libcsv then stops
   at a quote inside an unquoted field, which is harmless and read again leniently, and at
   text behind a closing quote, which is not: without the stop it would take the following
   fields into this one. */
static hana_status feed(hana_csv_tokens *t, int strict, hana_csv_record *kind, int *again,
                        hana_error *err)
{
    const char *start = t->at, *stop;
    int64_t first_line = t->line, opened = t->line;
    size_t first = t->n;
    csv_fini(&t->parser, NULL, NULL, NULL);
    csv_set_opts(&t->parser,
                 (unsigned char)(CSV_EMPTY_IS_NULL | (strict ? CSV_STRICT : 0)));
    t->submitted = 0;
    *kind = HANA_CSV_FIELDS;
    *again = 0;
    while (!t->submitted) {
        const char *line = t->at, *next = line_at(t, &stop);
        size_t length = (size_t)(next - line), before = t->n, done;
        csv_set_blk_size(&t->parser, csv_get_buffer_size(&t->parser) + 4096);
        done = csv_parse(&t->parser, line, length, take_field, take_record, t);
        if (done == length && next == t->end && !t->submitted) {
            /* The last line has no end of its own. */
            csv_parse(&t->parser, "\n", 1, take_field, take_record, t);
        }
        if (t->out_of_memory || csv_error(&t->parser) == CSV_ENOMEM)
            return hana_fail_memory(err);
        if (done < length && line[done] == t->style->quote) {
            t->at = start;
            t->line = first_line;
            t->n = first;
            *again = 1;
            return HANA_OK;
        }
        t->at = next;
        t->line++;
        if (done < length) {
            *kind = HANA_CSV_BROKEN;
            return HANA_OK;
        }
        if (t->n > before && !t->submitted) opened = t->line - 1;
        if (next == t->end && !t->submitted) return unclosed(opened, err);
    }
    return HANA_OK;
}

static hana_status by_library(hana_csv_tokens *t, hana_csv_record *kind, hana_error *err)
{
    int again;
    HANA_TRY(feed(t, 1, kind, &again, err));
    if (again) HANA_TRY(feed(t, 0, kind, &again, err));
    return HANA_OK;
}

static hana_status by_delimiter(hana_csv_tokens *t, const char *from, const char *to,
                                hana_error *err)
{
    for (;;) {
        const char *stop = find(from, to, t->style->delimiter);
        if (!add_cell(t, from, (size_t)(stop - from), 0)) return hana_fail_memory(err);
        if (stop == to) return HANA_OK;
        from = stop + 1;
    }
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A quoted field between blanks, which must end in its line. */
static hana_status quoted_word(hana_csv_tokens *t, const char **at, const char *to,
                               hana_csv_record *kind, hana_error *err)
{
    char quote = t->style->quote;
    const char *p = *at + 1;
    char *copy = keep(t, (size_t)(to - p)), *end = copy;
    if (!copy) return hana_fail_memory(err);
    for (;; p++) {
        if (p == to) return unclosed(t->line, err);
        if (*p == quote && (p + 1 == to || p[1] != quote)) break;
        if (*p == quote) p++;
        *end++ = *p;
    }
    *at = ++p;
    if (p < to && !is_blank(*p)) *kind = HANA_CSV_BROKEN;
    return add_cell(t, copy, (size_t)(end - copy), 1) ? HANA_OK : hana_fail_memory(err);
}

static hana_status by_blanks(hana_csv_tokens *t, const char *from, const char *to,
                             hana_csv_record *kind, hana_error *err)
{
    for (;;) {
        while (from < to && is_blank(*from)) from++;
        if (from == to || *kind == HANA_CSV_BROKEN) return HANA_OK;
        if (t->style->quote && *from == t->style->quote) {
            HANA_TRY(quoted_word(t, &from, to, kind, err));
            continue;
        }
        const char *start = from;
        while (from < to && !is_blank(*from)) from++;
        if (!add_cell(t, start, (size_t)(from - start), 0)) return hana_fail_memory(err);
    }
}

/* Makes the next mark the first one at or behind t->at. */
static void find_marks(hana_csv_tokens *t)
{
    t->marked = t->at;
    if (t->window && t->at >= t->window && t->at <= t->scanned) {
        size_t low = 0, high = t->n_marks, offset = (size_t)(t->at - t->window);
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (t->marks[middle] < offset)
                low = middle + 1;
            else
                high = middle;
        }
        t->mark = low;
        return;
    }
    t->window = t->scanned = t->at;
    t->n_marks = t->mark = 0;
}

/* The end of the text when there is no more. */
static inline const char *next_mark(hana_csv_tokens *t)
{
    while (t->mark == t->n_marks) {
        if (t->scanned == t->end) return t->end;
        size_t n = (size_t)(t->end - t->scanned);
        const hana_csv_style *style = t->style;
        t->window = t->scanned;
        t->scanned += n < WINDOW ? n : WINDOW;
        t->mark = 0;
        t->n_marks = hana_csv_scan(t->marks, t->window, (size_t)(t->scanned - t->window),
                                   style->delimiter,
                                   style->quote ? style->quote : style->delimiter);
    }
    return t->window + t->marks[t->mark++];
}

static inline int ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* The quoted field that opens at `open`; gives the mark behind it, or NULL when this is
   for libcsv to judge. Counts the line ends in it. */
static const char *quoted_field(hana_csv_tokens *t, const char *open, int64_t *lines,
                                int *enough)
{
    const char quote = t->style->quote, *from = open + 1, *p;
    size_t doubled = 0;
    for (;;) {
        p = next_mark(t);
        if (p == t->end) return NULL;
        if (*p == quote) {
            if (p + 1 == t->end || p[1] != quote) break;
            next_mark(t);
            doubled++;
        } else if (ends_line(*p)) {
            *lines += *p == '\r' || p[-1] != '\r';
        }
    }
    const char *after = p + 1 == t->end ? t->end : next_mark(t);
    if (after != p + 1) return NULL;
    if (doubled == 0) {
        *enough = add_cell(t, from, (size_t)(p - from), 1);
        return after;
    }
    size_t length = (size_t)(p - from) - doubled;
    char *copy = keep(t, length), *to = copy;
    for (const char *c = from; copy && c < p; c++) {
        *to++ = *c;
        c += *c == quote;
    }
    *enough = copy && add_cell(t, copy, length, 1);
    return after;
}

static hana_status by_marks(hana_csv_tokens *t, hana_csv_record *kind, hana_error *err)
{
    const char quote = t->style->quote, delimiter = t->style->delimiter;
    const char *field = t->at;
    size_t before = t->n;
    int64_t lines = 1;
    if (t->marked != t->at) find_marks(t);
    for (;;) {
        const char *p = next_mark(t);
        int enough = 1;
        if (p < t->end && *p == quote) {
            p = p == field ? quoted_field(t, p, &lines, &enough) : NULL;
            if (!p) {
                t->n = before;
                t->marked = NULL;
                return by_library(t, kind, err);
            }
        } else if (p == t->at && ends_line(*p)) {
            *kind = HANA_CSV_BLANK;
        } else {
            enough = add_cell(t, field, (size_t)(p - field), 0);
        }
        if (!enough) return hana_fail_memory(err);
        field = p + 1;
        if (p < t->end && *p == delimiter) continue;
        if (p == t->end) {
            field = p;
        } else if (*p == '\r' && field < t->end && *field == '\n') {
            next_mark(t);
            field++;
        }
        t->at = t->marked = field;
        t->line += lines;
        return HANA_OK;
    }
}

hana_status hana_csv_tokens_next(hana_csv_tokens *t, hana_csv_record *kind, int64_t *line,
                                 hana_error *err)
{
    const hana_csv_style *style = t->style;
    const char *stop, *next;
    if (t->has_marks && !style->comment && t->at < t->end) {
        *line = t->line;
        *kind = HANA_CSV_FIELDS;
        return by_marks(t, kind, err);
    }
    for (;;) {
        if (t->at == t->end) {
            *kind = HANA_CSV_END;
            return HANA_OK;
        }
        next = line_at(t, &stop);
        if (!style->comment || (size_t)(stop - t->at) < style->comment_length ||
            memcmp(t->at, style->comment, style->comment_length) != 0)
            break;
        t->at = next;
        t->line++;
    }
    *line = t->line;
    size_t before = t->n;
    *kind = HANA_CSV_FIELDS;
    if (t->has_marks) return by_marks(t, kind, err);
    if (!style->whitespace && style->quote && find(t->at, stop, style->quote) != stop)
        return by_library(t, kind, err);
    if (style->whitespace) {
        HANA_TRY(by_blanks(t, t->at, stop, kind, err));
        if (t->n == before) *kind = HANA_CSV_BLANK;
    } else if (stop == t->at) {
        *kind = HANA_CSV_BLANK;
    } else {
        HANA_TRY(by_delimiter(t, t->at, stop, err));
    }
    t->at = next;
    t->line++;
    return HANA_OK;
}

#include "data/verbs.h"

#include "base/text.h"

#include <string.h>

/* Terminal cells between columns, the widest that a text may get beside others, and the
   mark of what was cut off. */
enum { GAP = 2, WIDEST_TEXT = 40 };
static const char cut_mark[] = "...";

/* One column as it will stand there: its name, its type, then the cells, each in its
 * final form. */
typedef struct strip {
    char **lines;
    size_t n, width;
    size_t before_point; /* numbers: cells in front of the decimal point */
    int numbers;
} strip;

static void strip_clear(strip *s)
{
    for (size_t i = 0; s->lines && i < s->n; i++) hana_free(s->lines[i]);
    hana_free(s->lines);
    *s = (strip){ 0 };
}

static size_t width_of(const char *text)
{
    return hana_utf8_width(text, strlen(text));
}

/* Line breaks, tabs and other control characters as escapes, so that a cell is one line;
   what is wider than `most` is cut. */
static hana_status tame(char **out, const char *text, size_t length, size_t most,
                        hana_error *err)
{
    hana_text tamed = { 0 };
    size_t bytes, width = 0, fits = 0;
    int cut = 0;
    for (size_t i = 0; i < length && !cut; i += bytes) {
        int32_t c = hana_utf8_decode(text + i, length - i, &bytes);
        size_t before = tamed.length;
        if (c == '\n')
            hana_text_puts(&tamed, "\\n");
        else if (c == '\t')
            hana_text_puts(&tamed, "\\t");
        else if (c == '\r')
            hana_text_puts(&tamed, "\\r");
        else if (c < 0)
            hana_text_puts(&tamed, "\xEF\xBF\xBD");
        else if (c < 32 || c == 127)
            hana_text_printf(&tamed, "\\x%02X", (unsigned)c);
        else
            hana_text_add(&tamed, text + i, bytes);
        if (tamed.failed) break;
        width += hana_utf8_width(tamed.data + before, tamed.length - before);
        if (width + strlen(cut_mark) <= most) fits = tamed.length;
        cut = width > most;
    }
    if (cut && !tamed.failed) {
        tamed.length = fits;
        hana_text_puts(&tamed, cut_mark);
    }
    return hana_text_take(out, &tamed, err);
}

static int is_number(hana_type type)
{
    return type == HANA_FLOAT || type == HANA_INT;
}

/* Cells in front of the decimal point; all of those that have none. */
static size_t point_of(const char *cell)
{
    return strcspn(cell, ".");
}

/* null, nan and inf have no decimal point to stand at. */
static int is_word(const char *cell)
{
    return strpbrk(cell, "0123456789") == NULL;
}

static void measure(strip *s)
{
    size_t after = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t width = width_of(s->lines[i]);
        if (s->numbers && i >= 2 && !is_word(s->lines[i])) {
            size_t point = point_of(s->lines[i]);
            if (point > s->before_point) s->before_point = point;
            if (width - point > after) after = width - point;
        }
        if (width > s->width) s->width = width;
    }
    if (s->before_point + after > s->width) s->width = s->before_point + after;
    /* Under a name that is wider than the numbers, these stand at its right end. */
    if (s->numbers) s->before_point = s->width - after;
}

static hana_status strip_make(strip *out, const hana_frame *frame, size_t j, size_t rows,
                              size_t most, hana_error *err)
{
    const hana_column *column = hana_frame_column(frame, j);
    const char *name = hana_frame_name(frame, j);
    const char *type = hana_type_name(hana_column_type(column));
    strip s = { .n = rows + 2, .numbers = is_number(hana_column_type(column)) };
    hana_text cell = { 0 };
    s.lines = hana_alloc_zero(s.n, sizeof *s.lines);
    hana_status status = s.lines ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = tame(&s.lines[0], name, strlen(name), most, err);
    if (status == HANA_OK) status = tame(&s.lines[1], type, strlen(type), most, err);
    for (size_t i = 0; i < rows && status == HANA_OK; i++) {
        cell.length = 0;
        hana_text_add(&cell, "", 0);
        hana_column_print_cell(column, i, 0, &cell);
        if (cell.failed)
            status = hana_fail_memory(err);
        else
            status = tame(&s.lines[i + 2], cell.data, cell.length, most, err);
    }
    hana_text_clear(&cell);
    if (status != HANA_OK) {
        strip_clear(&s);
        return status;
    }
    measure(&s);
    *out = s;
    return HANA_OK;
}

static void put_spaces(hana_text *out, size_t n)
{
    while (n--) hana_text_putc(out, ' ');
}

/* One line of a column in its full width. */
static void put_cell(hana_text *out, const strip *s, size_t line)
{
    const char *cell = s->lines[line];
    size_t width = width_of(cell), left = 0;
    if (s->numbers) {
        int at_end = line < 2 || is_word(cell);
        left = at_end ? s->width - width : s->before_point - point_of(cell);
    }
    put_spaces(out, left);
    hana_text_puts(out, cell);
    put_spaces(out, s->width - width - left);
}

static void put_lines(hana_text *out, const strip *strips, size_t shown)
{
    for (size_t i = 0; i < strips[0].n; i++) {
        if (i > 0) hana_text_putc(out, '\n');
        for (size_t j = 0; j < shown; j++) {
            if (j > 0) put_spaces(out, GAP);
            put_cell(out, &strips[j], i);
        }
        while (!out->failed && out->length > 0 && out->data[out->length - 1] == ' ') {
            out->data[--out->length] = '\0';
        }
    }
}

/* "... 95 more rows, 2 more columns: a, b"; as many names as fit. */
static hana_status put_rest(hana_text *out, const hana_frame *frame, size_t rows,
                            size_t cols, size_t width, hana_error *err)
{
    size_t more_rows = hana_frame_rows(frame) - rows,
           more_cols = hana_frame_cols(frame) - cols;
    hana_text line = { 0 };
    hana_text_puts(&line, cut_mark);
    if (more_rows)
        hana_text_printf(&line, " %zu more row%s", more_rows, more_rows > 1 ? "s" : "");
    if (more_rows && more_cols) hana_text_putc(&line, ',');
    if (more_cols) {
        hana_text_printf(&line, " %zu more column%s", more_cols,
                         more_cols > 1 ? "s" : "");
        /* More names than that do not fit into any terminal. */
        for (size_t j = cols; j < hana_frame_cols(frame) && j < cols + 200; j++) {
            hana_text_puts(&line, j == cols ? ": " : ", ");
            hana_text_puts(&line, hana_frame_name(frame, j));
        }
    }
    char *cut = NULL;
    hana_status status = line.failed ? hana_fail_memory(err) : HANA_OK;
    if (status == HANA_OK) status = tame(&cut, line.data, line.length, width, err);
    hana_text_clear(&line);
    HANA_TRY(status);
    hana_text_putc(out, '\n');
    hana_text_puts(out, cut);
    hana_free(cut);
    return HANA_OK;
}

/* Makes the columns that fit, at least one. */
static hana_status fit(strip **out, size_t *shown, const hana_frame *frame, size_t rows,
                       size_t width, hana_error *err)
{
    size_t cols = hana_frame_cols(frame), used = 0, n = 0;
    size_t most = cols == 1 || width < WIDEST_TEXT ? width : WIDEST_TEXT;
    strip *strips = hana_alloc_zero(cols, sizeof *strips);
    if (!strips) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (; n < cols && status == HANA_OK; n++) {
        status = strip_make(&strips[n], frame, n, rows, most, err);
        used += strips[n].width + (n > 0 ? GAP : 0);
        if (n > 0 && used > width) {
            strip_clear(&strips[n]);
            break;
        }
    }
    if (status != HANA_OK) {
        for (size_t j = 0; j < n; j++) strip_clear(&strips[j]);
        hana_free(strips);
        return status;
    }
    *out = strips;
    *shown = n;
    return HANA_OK;
}

hana_status hana_frame_print(hana_text *out, const hana_frame *frame, size_t rows,
                             size_t width, hana_error *err)
{
    /* Narrower is not readable. */
    enum { NARROWEST = 20 };
    size_t all = hana_frame_rows(frame), cols = hana_frame_cols(frame), shown = 0;
    if (cols == 0) {
        hana_text_printf(out, "%zu row%s, no columns", all, all == 1 ? "" : "s");
        return out->failed ? hana_fail_memory(err) : HANA_OK;
    }
    if (width < NARROWEST) width = NARROWEST;
    if (rows > all) rows = all;
    strip *strips = NULL;
    HANA_TRY(fit(&strips, &shown, frame, rows, width, err));
    put_lines(out, strips, shown);
    if (all == 0) hana_text_puts(out, "\n(no rows)");
    for (size_t j = 0; j < shown; j++) strip_clear(&strips[j]);
    hana_free(strips);
    if (rows < all || shown < cols)
        HANA_TRY(put_rest(out, frame, rows, shown, width, err));
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

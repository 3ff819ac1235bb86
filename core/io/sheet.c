#include "sheet.h"

#include "base/random.h"
#include "base/text.h"
#include "csv_parts.h"
#include "mixed.h"
#include "workbook.h"

#include <stdio.h>
#include <string.h>

enum { MOST_ROWS = 1048576, MOST_COLUMNS = 16384 };

/* A rectangle of a sheet, from 0, ends included. */
typedef struct area {
    size_t row, column, last_row, last_column;
} area;

typedef struct header_cell {
    size_t row, column; /* row: of the header */
    char *text;
} header_cell;

/* The table while its cells come in. */
typedef struct grid {
    const char *path;
    hana_job *job;
    area range;        /* cells outside do not count */
    int given_columns; /* the range says which columns there are */
    int given_rows;    /* the range says in which row the table begins */
    size_t header_rows, limit;
    int started;
    size_t top;         /* first row of the header */
    size_t row, column; /* of the cell before */
    size_t first, last; /* columns that are filled */
    size_t cells, merged, times, elapsed, unsolved;
    header_cell *header;
    size_t n_header, header_capacity;
    area *merges;
    size_t n_merges, merges_capacity;
    uint32_t *numbers; /* of a column of the sheet: 1 + its number in the table */
    hana_mixed_table table;
} grid;

static void grid_clear(grid *g)
{
    for (size_t i = 0; i < g->n_header; i++) hana_free(g->header[i].text);
    hana_free(g->header);
    hana_free(g->merges);
    hana_free(g->numbers);
    hana_mixed_table_clear(&g->table);
}

/* --- the range --------------------------------------------------------------------- */

/* One corner: letters, digits or both. Gives how long it is; 0 when it is none. */
static size_t parse_corner(const char *text, size_t *row, size_t *column)
{
    size_t n = 0, r = 0, c = 0;
    while (text[n] == '$') n++;
    for (;; n++) {
        char letter = text[n] >= 'a' && text[n] <= 'z' ? (char)(text[n] - 32) : text[n];
        if (letter < 'A' || letter > 'Z' || c > MOST_COLUMNS) break;
        c = c * 26 + (size_t)(letter - 'A' + 1);
    }
    while (text[n] == '$') n++;
    for (; text[n] >= '0' && text[n] <= '9' && r <= MOST_ROWS; n++)
        r = r * 10 + (size_t)(text[n] - '0');
    if (c > MOST_COLUMNS || r > MOST_ROWS) return 0;
    *row = r;
    *column = c;
    return r || c ? n : 0;
}

static hana_status parse_range(grid *g, const char *range, hana_error *err)
{
    size_t row = 0, column = 0, last_row = 0, last_column = 0;
    g->range = (area){ 0, 0, MOST_ROWS - 1, MOST_COLUMNS - 1 };
    if (!range) return HANA_OK;
    size_t n = parse_corner(range, &row, &column), m = 0;
    if (n && range[n] == ':') m = parse_corner(range + n + 1, &last_row, &last_column);
    int good = m && range[n + 1 + m] == '\0' && (column > 0) == (last_column > 0) &&
               (row > 0 || last_row == 0) && (last_row == 0 || last_row >= row) &&
               last_column >= column;
    if (!good)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "read_xlsx: option 'range' must be like A3:F200, A3:F, B:D or "
                         "3:200, got '%s'",
                         range);
    g->given_rows = row > 0;
    g->given_columns = column > 0;
    if (row) g->range.row = row - 1;
    if (last_row) g->range.last_row = last_row - 1;
    if (column) g->range.column = column - 1;
    if (last_column) g->range.last_column = last_column - 1;
    return HANA_OK;
}

/* --- cells ------------------------------------------------------------------------- */

static hana_status add_header(grid *g, size_t row, size_t column,
                              const hana_mixed_cell *cell, hana_error *err)
{
    hana_text text = { 0 };
    if (g->n_header == g->header_capacity) {
        size_t capacity = g->header_capacity ? g->header_capacity * 2 : 32;
        header_cell *grown = hana_realloc(g->header, capacity, sizeof *grown);
        if (!grown) return hana_fail_memory(err);
        g->header = grown;
        g->header_capacity = capacity;
    }
    hana_mixed_print(&text, cell);
    /* Names are one line without blanks around. */
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= ' ') text.data[i] = ' ';
    while (text.length && text.data[text.length - 1] == ' ')
        text.data[--text.length] = '\0';
    char *taken;
    HANA_TRY(hana_text_take(&taken, &text, err));
    size_t lead = strspn(taken, " ");
    memmove(taken, taken + lead, strlen(taken + lead) + 1);
    g->header[g->n_header++] = (header_cell){ row - g->top, column, taken };
    return HANA_OK;
}

/* Ends the rows up to `row` of the sheet, which is not ended. */
static hana_status end_rows(grid *g, size_t row, hana_error *err)
{
    size_t first = g->top + g->header_rows;
    while (first + g->table.rows < row) {
        HANA_TRY(hana_mixed_table_end_row(&g->table, (int64_t)(first + g->table.rows + 1),
                                          (int64_t)g->table.rows, err));
    }
    return HANA_OK;
}

static hana_status number_of(size_t *j, grid *g, size_t column, hana_error *err)
{
    if (g->numbers[column] == 0) {
        char name[24];
        int n = snprintf(name, sizeof name, "%zu", column);
        HANA_TRY(hana_mixed_table_column(j, &g->table, name, (size_t)n, err));
        g->numbers[column] = (uint32_t)*j + 1;
    }
    *j = g->numbers[column] - 1;
    return HANA_OK;
}

static hana_status take_cell(void *context, size_t row, size_t column,
                             const hana_mixed_cell *cell, hana_error *err)
{
    grid *g = context;
    size_t j;
    if (row < g->range.row || row > g->range.last_row || column < g->range.column ||
        column > g->range.last_column ||
        (cell->kind == HANA_MIXED_STRING && !cell->length))
        return HANA_OK;
    if (g->started && (row < g->row || (row == g->row && column <= g->column)))
        return hana_fail(err, HANA_BAD_DATA, "the cells of row %zu are not in order",
                         row + 1);
    if (!g->started) {
        g->started = 1;
        g->top = g->given_rows ? g->range.row : row;
        g->first = g->last = column;
    }
    g->row = row;
    g->column = column;
    if (row >= g->top + g->header_rows && row - g->top - g->header_rows >= g->limit)
        return HANA_OK;
    if (column < g->first) g->first = column;
    if (column > g->last) g->last = column;
    if (row < g->top + g->header_rows)
        return cell->unsolved ? HANA_OK : add_header(g, row, column, cell, err);
    if (++g->cells % 4096 == 0) HANA_TRY(hana_job_check(g->job, err));
    g->times += cell->clock == 1;
    g->elapsed += cell->clock == 2;
    g->unsolved += cell->unsolved != 0;
    HANA_TRY(end_rows(g, row, err));
    HANA_TRY(number_of(&j, g, column, err));
    return hana_mixed_table_put(&g->table, j, cell, err);
}

static hana_status take_merge(void *context, size_t row, size_t column, size_t last_row,
                              size_t last_column, hana_error *err)
{
    grid *g = context;
    if (!g->started || row < g->top || row > g->row) return HANA_OK;
    if (row >= g->top + g->header_rows) {
        g->merged++;
        return HANA_OK;
    }
    if (g->n_merges == g->merges_capacity) {
        size_t capacity = g->merges_capacity ? g->merges_capacity * 2 : 16;
        area *grown = hana_realloc(g->merges, capacity, sizeof *grown);
        if (!grown) return hana_fail_memory(err);
        g->merges = grown;
        g->merges_capacity = capacity;
    }
    g->merges[g->n_merges++] = (area){ row - g->top, column, last_row, last_column };
    return HANA_OK;
}

/* --- names ------------------------------------------------------------------------- */

/* The header cell that a column has in a row of the header, its own or that of the merged
   cells it is in. */
static const header_cell *header_at(const grid *g, size_t row, size_t column)
{
    for (size_t i = 0; i < g->n_merges; i++) {
        const area *m = &g->merges[i];
        if (m->row == row && m->column <= column && column <= m->last_column)
            column = m->column;
    }
    for (size_t i = 0; i < g->n_header; i++)
        if (g->header[i].row == row && g->header[i].column == column)
            return &g->header[i];
    return NULL;
}

/* The names that the header gives to columns first .. first + n of the sheet. */
static hana_status name_columns(hana_names *out, grid *g, size_t first, size_t n,
                                hana_error *err)
{
    hana_text *texts = hana_alloc_zero(n, sizeof *texts);
    hana_csv_cell *cells = hana_alloc_zero(n, sizeof *cells);
    hana_csv_facts facts = { 0 };
    size_t empty = 0;
    hana_status status = HANA_OK;
    if (!texts || !cells) HANA_GOTO(done, hana_fail_memory(err));
    for (size_t k = 0; k < n; k++) {
        for (size_t row = 0; row < g->header_rows; row++) {
            const header_cell *h = header_at(g, row, first + k);
            if (!h || !*h->text) continue;
            if (texts[k].length) hana_text_putc(&texts[k], ' ');
            hana_text_puts(&texts[k], h->text);
        }
        if (texts[k].failed) HANA_GOTO(done, hana_fail_memory(err));
        empty += texts[k].length == 0;
        cells[k] = (hana_csv_cell){ texts[k].data ? texts[k].data : "",
                                    (uint32_t)texts[k].length, 0 };
    }
    HANA_GOTO(done, hana_csv_names(out, cells, n, g->header_rows > 0, &facts, err));
    for (size_t i = 0; i < facts.notes.n; i++)
        HANA_GOTO(done,
                  hana_mixed_table_note(&g->table, err, "%s", facts.notes.items[i]));
    if (g->header_rows > 0 && n > 2 && 2 * empty > n)
        status = hana_mixed_table_note(&g->table, err,
                                       "most of the header is empty: options 'skip' and "
                                       "'range' say where the table begins");
done:
    for (size_t k = 0; texts && k < n; k++) hana_text_clear(&texts[k]);
    hana_free(texts);
    hana_free(cells);
    hana_names_clear(&facts.notes);
    return status;
}

/* Brings the columns into the order of the sheet, with those that are empty, and gives
   them their names. */
static hana_status arrange(grid *g, hana_error *err)
{
    size_t first = g->first, last = g->last, j;
    if (g->given_columns) {
        first = g->range.column;
        last = g->range.last_column;
    }
    size_t n = last - first + 1;
    for (size_t c = first; c <= last; c++) HANA_TRY(number_of(&j, g, c, err));
    hana_names names = { 0 };
    hana_status status = name_columns(&names, g, first, n, err);
    hana_mixed_table *t = &g->table;
    hana_mixed *columns = status == HANA_OK ? hana_alloc(n, sizeof *columns) : NULL;
    if (!columns) {
        hana_names_clear(&names);
        return status == HANA_OK ? hana_fail_memory(err) : status;
    }
    for (size_t k = 0; k < n; k++) {
        size_t at = g->numbers[first + k] - 1;
        columns[k] = t->columns[at];
        t->columns[at] = (hana_mixed){ 0 };
    }
    hana_free(t->columns);
    t->columns = columns;
    t->n = t->capacity = n;
    hana_names_clear(&t->names);
    t->names = names;
    return HANA_OK;
}

/* --- the whole --------------------------------------------------------------------- */

static hana_status fail_sheet(const char *path, const hana_opened_workbook *w,
                              const hana_sheet_options *sheet, hana_error *err)
{
    size_t n = w->reader->count(w->book);
    if (!sheet->name)
        return hana_fail(err, HANA_NO_SUCH_NAME, "%s: no sheet %lld, there %s %zu", path,
                         (long long)sheet->number, n == 1 ? "is" : "are", n);
    const char **names = hana_alloc(n, sizeof *names);
    if (!names) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) names[i] = w->reader->name(w->book, i);
    char what[HANA_MESSAGE_SIZE];
    snprintf(what, sizeof what, "%.900s: no sheet", path);
    hana_status status = hana_fail_unknown(err, what, sheet->name, "", names, n);
    hana_free(names);
    return status;
}

static hana_status find_sheet(size_t *out, const char *path,
                              const hana_opened_workbook *w,
                              const hana_sheet_options *sheet, hana_error *err)
{
    size_t n = w->reader->count(w->book);
    for (size_t i = 0; i < n; i++) {
        if (sheet->name ? strcmp(w->reader->name(w->book, i), sheet->name) != 0
                        : sheet->number != (int64_t)i + 1)
            continue;
        *out = i;
        return HANA_OK;
    }
    return fail_sheet(path, w, sheet, err);
}

static hana_status add_notes(grid *g, hana_error *err)
{
    if (g->merged)
        HANA_TRY(hana_mixed_table_note(
            &g->table, err,
            "merged cells among the data: %zu; the first cell of each has the value",
            g->merged));
    if (g->times)
        HANA_TRY(hana_mixed_table_note(
            &g->table, err, "times of day without a date became text: %zu", g->times));
    if (g->elapsed)
        HANA_TRY(hana_mixed_table_note(&g->table, err,
                                       "elapsed times became seconds: %zu", g->elapsed));
    if (g->unsolved)
        HANA_TRY(hana_mixed_table_note(
            &g->table, err,
            "formulas whose result the file does not have are null: %zu; a program that "
            "computes the sheet and saves it puts them in",
            g->unsolved));
    return HANA_OK;
}

static hana_status read_grid(grid *g, const hana_opened_workbook *w, size_t sheet,
                             hana_error *err)
{
    hana_sheet_sink sink = { .context = g, .cell = take_cell, .merge = take_merge };
    g->numbers = hana_alloc_zero(MOST_COLUMNS, sizeof *g->numbers);
    if (!g->numbers) return hana_fail_memory(err);
    hana_status status = w->reader->read(w->book, sheet, &sink, err);
    if (status == HANA_OK && !g->started)
        status = hana_fail(err, HANA_BAD_DATA, "there is nothing in it%s",
                           g->given_rows || g->given_columns || g->range.row
                               ? " where options 'range' and 'skip' point"
                               : "");
    size_t first = g->top + g->header_rows;
    if (status == HANA_OK && g->row >= first)
        status = end_rows(
            g, g->row + 1 - first < g->limit ? g->row + 1 : first + g->limit, err);
    if (status == HANA_OK) status = arrange(g, err);
    if (status == HANA_OK) status = add_notes(g, err);
    if (status == HANA_OK || status == HANA_INTERRUPTED || status == HANA_OUT_OF_MEMORY)
        return status;
    return hana_fail_prefix(err, status, "%s: sheet '%s': ", g->path,
                            w->reader->name(w->book, sheet));
}

static hana_status read_sheet(hana_frame **out, hana_value *report, grid *g,
                              const hana_opened_workbook *w,
                              const hana_sheet_options *sheet,
                              const hana_csv_options *options, hana_error *err)
{
    size_t number = 0;
    HANA_TRY(find_sheet(&number, g->path, w, sheet, err));
    HANA_TRY(read_grid(g, w, number, err));
    hana_text format = { 0 };
    size_t n = w->reader->count(w->book);
    hana_text_printf(&format, "sheet '%s'", w->reader->name(w->book, number));
    if (n > 1) hana_text_printf(&format, " (%zu of %zu)", number + 1, n);
    if (format.failed) return hana_fail_memory(err);
    hana_mixed_source source = { .path = g->path,
                                 .function = "read_xlsx",
                                 .format = format.data,
                                 .options = options,
                                 .sheet = 1,
                                 .first_column =
                                     g->given_columns ? g->range.column : g->first,
                                 .origin = hana_hash(w->bytes, w->length, number) };
    hana_status status = hana_mixed_frame(out, report, &g->table, &source, g->job, err);
    hana_text_clear(&format);
    return status;
}

hana_status hana_sheet_read(hana_frame **out, hana_value *report, const char *path,
                            const char *text, size_t length,
                            const hana_sheet_options *sheet,
                            const hana_csv_options *options, hana_job *job,
                            hana_error *err)
{
    hana_opened_workbook w = { 0 };
    grid g = { .path = path ? path : "text",
               .job = job,
               .header_rows = (size_t)sheet->header_rows,
               .limit = options->limit < 0 ? SIZE_MAX / 2 : (size_t)options->limit };
    HANA_TRY(parse_range(&g, sheet->range, err));
    g.range.row += (size_t)sheet->skip;
    hana_status status = hana_workbook_open(&w, path, text, length, err);
    if (status == HANA_OK) status = read_sheet(out, report, &g, &w, sheet, options, err);
    grid_clear(&g);
    hana_workbook_close(&w);
    return status;
}

hana_status hana_sheet_names(hana_names *out, const char *path, hana_error *err)
{
    hana_opened_workbook w = { 0 };
    hana_names names = { 0 };
    HANA_TRY(hana_workbook_open(&w, path, NULL, 0, err));
    hana_status status = HANA_OK;
    for (size_t i = 0; i < w.reader->count(w.book) && status == HANA_OK; i++)
        status = hana_names_add(&names, w.reader->name(w.book, i), err);
    hana_workbook_close(&w);
    if (status != HANA_OK) {
        hana_names_clear(&names);
        return status;
    }
    *out = names;
    return HANA_OK;
}

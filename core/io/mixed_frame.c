#include "mixed.h"

#include "base/parallel.h"
#include "csv_parts.h"

#include <stdio.h>
#include <string.h>

/* Everything that is held while the frame is made. */
typedef struct making {
    hana_mixed_table *table;
    const hana_mixed_source *source;
    hana_csv_style style;
    hana_mixed_column *about; /* one a column of the table */
    size_t *chosen, n_chosen; /* columns of the frame, in its order */
    uint8_t *dropped;         /* rows that on_error = "skip" leaves out; NULL: none */
    size_t rows;              /* that stay */
    size_t changed;           /* cells that were rounded */
    const hana_column **columns;
    const char **names;
    hana_text *hints; /* for the report; NULL: there is none */
} making;

static void making_clear(making *m)
{
    for (size_t j = 0; m->about && j < m->table->n; j++)
        hana_value_clear(&m->about[j].nulls);
    for (size_t i = 0; m->columns && i < m->n_chosen; i++)
        hana_column_release(m->columns[i]);
    for (size_t i = 0; m->hints && i < m->n_chosen; i++) hana_text_clear(&m->hints[i]);
    hana_free(m->hints);
    hana_free(m->about);
    hana_free(m->chosen);
    hana_free(m->dropped);
    hana_free(m->columns);
    hana_free(m->names);
    hana_csv_style_clear(&m->style);
}

/* "AB": the letters of a sheet's column, counted from 0. */
static void column_letters(char *out, size_t column)
{
    char letters[16];
    int n = 0;
    for (column++; column > 0 && n < 15; column = (column - 1) / 26)
        letters[n++] = (char)('A' + (column - 1) % 26);
    while (n > 0) *out++ = letters[--n];
    *out = '\0';
}

/* "line 17" or "cell C17". */
static const char *place_of(const making *m, char *out, size_t row, size_t j)
{
    long long place = (long long)m->table->places[row];
    if (!m->source->sheet) {
        snprintf(out, HANA_MIXED_PLACE, "line %lld", place);
        return out;
    }
    char letters[16];
    column_letters(letters, m->source->first_column + j);
    snprintf(out, HANA_MIXED_PLACE, "cell %s%lld", letters, place);
    return out;
}

static hana_status cell_text(hana_text *out, const making *m, size_t row, size_t j,
                             hana_error *err)
{
    return hana_mixed_show(out, &m->table->columns[j], row, err);
}

static hana_status unknown_column(const making *m, const char *name, const char *option,
                                  hana_error *err)
{
    hana_text where = { 0 };
    hana_text_printf(&where, " in option '%s' of %s", option, m->source->path);
    hana_status status =
        hana_fail_unknown(err, "no column", name, where.failed ? "" : where.data,
                          (const char *const *)m->table->names.items, m->table->names.n);
    hana_text_clear(&where);
    return status;
}

static hana_status set_types(making *m, hana_error *err)
{
    const hana_csv_options *o = m->source->options;
    for (size_t i = 0; i < o->type_columns.n; i++) {
        ptrdiff_t j = hana_names_find(&m->table->names, o->type_columns.items[i]);
        if (j < 0) return unknown_column(m, o->type_columns.items[i], "types", err);
        hana_mixed_column *c = &m->about[j];
        if (!hana_type_from_name(o->type_names.items[i], &c->type) ||
            c->type == HANA_BLOCK)
            return hana_fail(
                err, HANA_BAD_ARGUMENT,
                "%s: the type of column '%s' must be float, int, bool, string, "
                "category, date or datetime, got '%s'",
                m->source->function, c->name, o->type_names.items[i]);
        c->given = 1;
        if (i < o->type_formats.n && *o->type_formats.items[i])
            c->format = o->type_formats.items[i];
        if (c->format && c->type != HANA_DATE && c->type != HANA_DATETIME)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "%s: column '%s' of type %s takes no format",
                             m->source->function, c->name, hana_type_name(c->type));
    }
    return HANA_OK;
}

static hana_status choose(making *m, hana_error *err)
{
    const hana_mixed_table *t = m->table;
    const hana_names *order = &m->source->options->columns;
    m->about = hana_alloc_zero(t->n, sizeof *m->about);
    m->chosen = hana_alloc(t->n + order->n, sizeof *m->chosen);
    if (!m->about || !m->chosen) return hana_fail_memory(err);
    for (size_t j = 0; j < t->n; j++) {
        m->about[j].name = t->names.items[j];
        if (order->n == 0 && (m->source->sheet || t->columns[j].used))
            m->chosen[m->n_chosen++] = j;
    }
    for (size_t i = 0; i < order->n; i++) {
        ptrdiff_t j = hana_names_find(&t->names, order->items[i]);
        if (j < 0) return unknown_column(m, order->items[i], "columns", err);
        for (size_t k = 0; k < m->n_chosen; k++)
            if (m->chosen[k] == (size_t)j)
                return hana_fail(err, HANA_BAD_ARGUMENT,
                                 "%s: option 'columns' names '%s' twice",
                                 m->source->function, order->items[i]);
        m->chosen[m->n_chosen++] = (size_t)j;
    }
    return set_types(m, err);
}

static const char *const expected[HANA_N_TYPES] = {
    [HANA_FLOAT] = "is not a number",          [HANA_INT] = "is not an integer",
    [HANA_BOOL] = "is neither true nor false", [HANA_DATE] = "is not a date",
    [HANA_DATETIME] = "is not a datetime",
};

static hana_status fail_cell(const making *m, size_t row, size_t j, int clock,
                             hana_error *err)
{
    const hana_mixed_column *c = &m->about[j];
    char place[HANA_MIXED_PLACE], line[HANA_MIXED_PLACE + 4] = "",
                                                          cell[HANA_MIXED_PLACE + 4] = "";
    hana_text text = { 0 };
    if (m->source->sheet)
        snprintf(cell, sizeof cell, " (%s)", place_of(m, place, row, j));
    else
        snprintf(line, sizeof line, ": %s", place_of(m, place, row, j));
    hana_status status = cell_text(&text, m, row, j, err);
    if (status == HANA_OK && clock == 1)
        status = hana_fail(
            err, HANA_BAD_DATA,
            "%s%s: column '%s': '%s' does not exist in %s: clocks were put forward%s",
            m->source->path, line, c->name, text.data, hana_zone_name(m->style.zone),
            cell);
    else if (status == HANA_OK && c->type == HANA_DATETIME &&
             hana_time_is_finer(text.data, text.length, c->format))
        status = hana_fail(err, HANA_BAD_DATA,
                           "%s%s: column '%s': '%s' " HANA_TIME_IS_FINER "%s",
                           m->source->path, line, c->name, text.data, cell);
    else if (status == HANA_OK)
        status = hana_fail(err, HANA_BAD_DATA, "%s%s: column '%s': '%s' %s%s%s%s%s",
                           m->source->path, line, c->name, text.data, expected[c->type],
                           c->format ? " by '" : "", c->format ? c->format : "",
                           c->format ? "'" : "", cell);
    hana_text_clear(&text);
    return status;
}

/* Finds the cells of column j that cannot be what the column is: an error, or rows that
   are left out. */
static hana_status check_column(making *m, size_t j, hana_error *err)
{
    hana_mixed_column *c = &m->about[j];
    hana_mixed_table *t = m->table;
    if (c->type == HANA_STRING || c->type == HANA_CATEGORY) return HANA_OK;
    if (!c->given && c->type != HANA_DATETIME) return HANA_OK;
    if (m->source->options->on_error == 1) return HANA_OK;
    hana_mixed_cursor cursor = { .of = &t->columns[j] };
    hana_mixed_cell cell;
    while (hana_mixed_next(&cursor, &cell)) {
        size_t i = cursor.i - 1;
        int64_t integer;
        double number;
        int clock = 0;
        if (cell.kind == HANA_MIXED_NULL || cell.kind == HANA_MIXED_ERROR) continue;
        int good = hana_mixed_convert(&m->style, c->type, c->format, &cell, &integer,
                                      &number, &clock);
        if (good && clock != 1) continue;
        if (m->source->options->on_error == 0) return fail_cell(m, i, j, clock, err);
        if (!m->dropped) {
            m->dropped = hana_alloc_zero(t->rows, 1);
            if (!m->dropped) return hana_fail_memory(err);
        }
        if (t->skipped == 0 && t->trouble[0] == '\0') {
            hana_error found;
            fail_cell(m, i, j, clock, &found);
            const char *text = found.message + strlen(m->source->path) + 1;
            snprintf(t->trouble, sizeof t->trouble, "%.*s", (int)sizeof t->trouble - 1,
                     text + strspn(text, " 0123456789:"));
        }
        m->dropped[i] = 1;
    }
    return HANA_OK;
}

/* What would read a column of texts as something else. */
static hana_status say_hint(hana_text *out, const making *m, size_t j, hana_error *err)
{
    static const struct {
        hana_type type;
        const char *what;
    } tries[] = { { HANA_INT, "numbers" },
                  { HANA_FLOAT, "numbers" },
                  { HANA_DATE, "dates" },
                  { HANA_DATETIME, "times" } };
    const hana_mixed_column *c = &m->about[j];
    if (c->given || c->counts.of[HANA_MIXED_STRING] == 0 ||
        c->counts.of[HANA_MIXED_NESTED] > 0)
        return HANA_OK;
    for (size_t k = 0; k < sizeof tries / sizeof *tries; k++) {
        hana_mixed_cursor cursor = { .of = &m->table->columns[j] };
        hana_mixed_cell cell;
        int fits = 1, clock;
        while (fits && hana_mixed_next(&cursor, &cell)) {
            int64_t integer;
            double number;
            if (cell.kind == HANA_MIXED_NULL || cell.kind == HANA_MIXED_ERROR) continue;
            int code = cell.kind == HANA_MIXED_STRING && cell.length > 1 &&
                       cell.text[0] == '0' && cell.text[1] != '.' && k < 2;
            fits = !code && hana_mixed_convert(&m->style, tries[k].type, NULL, &cell,
                                               &integer, &number, &clock);
        }
        if (!fits) continue;
        hana_text_printf(out, "types = { [\"%s\"] = \"%s\" } reads it as %s", c->name,
                         hana_type_name(tries[k].type), tries[k].what);
        break;
    }
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status infer_column(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker;
    making *m = context;
    size_t j = m->chosen[k];
    return hana_mixed_infer(&m->about[j], &m->table->columns[j], &m->style,
                            m->source->sheet, err);
}

static hana_status build_column(void *context, size_t k, int worker, hana_error *err)
{
    (void)worker;
    making *m = context;
    size_t j = m->chosen[k];
    hana_column *column = NULL;
    HANA_TRY(hana_mixed_build(&column, &m->about[j], &m->table->columns[j], m->dropped,
                              &m->style, err));
    m->columns[k] = column;
    m->names[k] = m->about[j].name;
    return m->hints ? say_hint(&m->hints[k], m, j, err) : HANA_OK;
}

static hana_status convert(making *m, hana_job *job, hana_error *err)
{
    hana_mixed_table *t = m->table;
    size_t cells = m->n_chosen * t->rows;
    m->rows = t->rows;
    HANA_TRY(hana_parallel_steps(job, m->n_chosen, cells, infer_column, m, err));
    for (size_t k = 0; k < m->n_chosen; k++) HANA_TRY(check_column(m, m->chosen[k], err));
    for (size_t i = 0; m->dropped && i < t->rows; i++) {
        if (!m->dropped[i]) continue;
        HANA_TRY(hana_lines_add(&t->troubles, t->places[i], t->places[i], err));
        m->rows--;
    }
    t->skipped += t->rows - m->rows;
    m->columns = hana_alloc_zero(m->n_chosen, sizeof *m->columns);
    m->names = hana_alloc_zero(m->n_chosen, sizeof *m->names);
    if (!m->columns || !m->names) return hana_fail_memory(err);
    return hana_parallel_steps(job, m->n_chosen, cells, build_column, m, err);
}

static hana_status make_frame(hana_frame **out, const making *m, hana_error *err)
{
    const hana_mixed_table *t = m->table;
    hana_frame *plain = NULL;
    int64_t *records = hana_alloc(m->rows, sizeof *records);
    if (!records) return hana_fail_memory(err);
    for (size_t i = 0, row = 0; i < t->rows; i++)
        if (!m->dropped || !m->dropped[i]) records[row++] = t->records[i];
    hana_status status =
        hana_frame_new(&plain, m->names, m->columns, m->n_chosen, m->rows, err);
    if (status == HANA_OK)
        status = hana_frame_with_ids(out, plain, m->source->origin, records, err);
    hana_frame_release(plain);
    hana_free(records);
    return status;
}

/* --- the report -------------------------------------------------------------------- */

static hana_status set_string(hana_value *map, const char *key, const char *text,
                              hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

static void name_place(const void *context, char *out, size_t row, size_t j)
{
    place_of(context, out, row, j);
}

/* Whether all texts are datetimes, but for digits that these do not keep. */
static int are_too_fine(const making *m, size_t j)
{
    hana_mixed_cursor cursor = { .of = &m->table->columns[j] };
    hana_mixed_cell cell;
    size_t fine = 0;
    while (hana_mixed_next(&cursor, &cell)) {
        int64_t integer;
        double number;
        int clock;
        if (cell.kind != HANA_MIXED_STRING) continue;
        if (hana_time_is_finer(cell.text, cell.length, NULL))
            fine++;
        else if (!hana_mixed_convert(&m->style, HANA_DATETIME, NULL, &cell, &integer,
                                     &number, &clock))
            return 0;
    }
    return fine > 0;
}

static hana_status say_why(hana_text *out, making *m, size_t j, hana_error *err)
{
    static const char *const all[HANA_N_TYPES] = {
        [HANA_FLOAT] = "numbers, not all whole",
        [HANA_INT] = "all whole numbers",
        [HANA_BOOL] = "all true or false",
        [HANA_STRING] = "text",
        [HANA_DATE] = "all dates",
        [HANA_DATETIME] = "all datetimes",
    };
    const hana_mixed_column *c = &m->about[j];
    hana_text list = { 0 };
    hana_status status = HANA_OK;
    int n = hana_mixed_sorts(&list, &m->table->columns[j], &c->counts, j, name_place, m);
    if (c->given) {
        hana_text_puts(out, "given by types");
    } else if (n == 0) {
        hana_text_puts(out, "no values");
    } else if (n == 1 && c->counts.of[HANA_MIXED_STRING] && are_too_fine(m, j)) {
        hana_text_puts(out, HANA_TIMES_ARE_FINER);
    } else if (n == 1) {
        hana_text_puts(out, c->counts.of[HANA_MIXED_NESTED] ? "lists or objects"
                                                            : all[c->type]);
    } else {
        hana_text_printf(out, "mixed: %s", list.data ? list.data : "");
        if (!list.failed)
            status = hana_mixed_table_note(m->table, err,
                                           "column '%s' is mixed and became text: %s",
                                           c->name, list.data);
    }
    if (status == HANA_OK && (list.failed || out->failed)) status = hana_fail_memory(err);
    hana_text_clear(&list);
    return status;
}

static hana_status note_cells(making *m, size_t j, hana_error *err)
{
    const hana_mixed_column *c = &m->about[j];
    const hana_mixed_counts *n = &c->counts;
    hana_mixed_table *t = m->table;
    char place[HANA_MIXED_PLACE];
    if (n->of[HANA_MIXED_ERROR]) {
        hana_text text = { 0 };
        size_t row = n->first[HANA_MIXED_ERROR] - 1;
        hana_status status = cell_text(&text, m, row, j, err);
        if (status == HANA_OK)
            status = hana_mixed_table_note(
                t, err,
                "column '%s': error cells became null (%zu), the first is %s in %s",
                c->name, n->of[HANA_MIXED_ERROR], text.data, place_of(m, place, row, j));
        hana_text_clear(&text);
        HANA_TRY(status);
    }
    if (n->of[HANA_MIXED_NESTED])
        HANA_TRY(hana_mixed_table_note(
            t, err, "column '%s': lists and objects (%zu) became JSON text, first in %s",
            c->name, n->of[HANA_MIXED_NESTED],
            place_of(m, place, n->first[HANA_MIXED_NESTED] - 1, j)));
    if (n->failed) {
        hana_text text = { 0 };
        hana_status status = cell_text(&text, m, n->first_failed - 1, j, err);
        if (status == HANA_OK)
            status = hana_mixed_table_note(
                t, err,
                "column '%s': cells that are not of type %s became null (%zu), the first "
                "is '%s' in %s",
                c->name, hana_type_name(c->type), n->failed, text.data,
                place_of(m, place, n->first_failed - 1, j));
        hana_text_clear(&text);
        HANA_TRY(status);
    }
    if (n->gaps)
        HANA_TRY(hana_mixed_table_note(
            t, err,
            "column '%s': times that do not exist in %s became null (%zu), first in %s",
            c->name, hana_zone_name(m->style.zone), n->gaps,
            place_of(m, place, n->first_gap - 1, j)));
    if (n->doubled)
        HANA_TRY(hana_mixed_table_note(t, err,
                                       "column '%s': times that happened twice in %s: "
                                       "the earlier was taken, first in %s",
                                       c->name, hana_zone_name(m->style.zone),
                                       place_of(m, place, n->first_doubled - 1, j)));
    m->changed += n->rounded;
    if (n->rounded)
        HANA_TRY(hana_mixed_table_note(
            t, err,
            "column '%s': integers with more digits than a float holds (%zu) were "
            "rounded; types = { [\"%s\"] = \"string\" } keeps them",
            c->name, n->rounded, c->name));
    return HANA_OK;
}

static hana_status report_column(hana_value *columns, making *m, size_t k,
                                 hana_error *err)
{
    size_t j = m->chosen[k];
    hana_mixed_column *c = &m->about[j];
    hana_value map = { 0 };
    hana_text why = { 0 };
    hana_status status;
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, set_string(&map, "name", c->name, err));
    HANA_GOTO(fail, set_string(&map, "type", hana_type_name(c->type), err));
    HANA_GOTO(fail, say_why(&why, m, j, err));
    HANA_GOTO(fail, set_string(&map, "why", why.data, err));
    if (m->hints[k].length)
        HANA_GOTO(fail, set_string(&map, "hint", m->hints[k].data, err));
    hana_value nulls = c->nulls;
    c->nulls = (hana_value){ 0 };
    HANA_GOTO(fail, hana_value_set(&map, "nulls", nulls, err));
    HANA_GOTO(fail, note_cells(m, j, err));
    HANA_GOTO(fail,
              hana_value_set(&map, "failed",
                             hana_value_int((int64_t)(c->counts.failed + c->counts.gaps)),
                             err));
    hana_text_clear(&why);
    return hana_value_push(columns, map, err);
fail:
    hana_text_clear(&why);
    hana_value_clear(&map);
    return status;
}

static hana_status note_records(making *m, hana_error *err)
{
    hana_mixed_table *t = m->table;
    hana_text list = { 0 };
    if (t->skipped)
        HANA_TRY(hana_mixed_table_note(t, err, "rows skipped: %zu; the first: %s",
                                       t->skipped, t->trouble));
    if (t->broken)
        HANA_TRY(hana_mixed_table_note(
            t, err, "records that could not be read, all null now: %zu; the first: %s",
            t->broken, t->trouble));
    if (t->skipped + t->broken < 2) return HANA_OK;
    hana_lines_say(&list, &t->troubles);
    hana_status status =
        list.failed
            ? hana_fail_memory(err)
            : hana_mixed_table_note(t, err, "%s %s: %s",
                                    m->source->sheet ? "rows of the sheet" : "lines",
                                    t->skipped ? "skipped" : "changed", list.data);
    hana_text_clear(&list);
    return status;
}

static hana_status make_report(hana_value *out, making *m, hana_error *err)
{
    hana_value map = { 0 }, columns = { 0 }, notes = { 0 };
    hana_status status;
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, hana_value_new_list(&columns, err));
    for (size_t k = 0; k < m->n_chosen; k++)
        HANA_GOTO(fail, report_column(&columns, m, k, err));
    HANA_GOTO(fail, note_records(m, err));
    if (m->table->troubles.n) {
        hana_value lines = { 0 };
        HANA_GOTO(fail, hana_lines_list(&lines, &m->table->troubles, err));
        HANA_GOTO(fail, hana_value_set(
                            &map, m->table->skipped ? "skipped_lines" : "changed_lines",
                            lines, err));
    }
    HANA_GOTO(fail, set_string(&map, "path", m->source->path, err));
    HANA_GOTO(fail, set_string(&map, "format", m->source->format, err));
    HANA_GOTO(fail, hana_value_set(&map, "rows", hana_value_int((int64_t)m->rows), err));
    if (m->source->encoding)
        HANA_GOTO(fail, set_string(&map, "encoding", m->source->encoding, err));
    HANA_GOTO(fail, hana_value_set(&map, "skipped",
                                   hana_value_int((int64_t)m->table->skipped), err));
    HANA_GOTO(fail, hana_value_set(&map, "broken",
                                   hana_value_int((int64_t)m->table->broken), err));
    HANA_GOTO(fail,
              hana_value_set(&map, "changed", hana_value_int((int64_t)m->changed), err));
    status = hana_value_set(&map, "columns", columns, err);
    columns = (hana_value){ 0 };
    if (status != HANA_OK) goto fail;
    HANA_GOTO(fail,
              hana_value_texts(&notes, m->table->notes.items, m->table->notes.n, err));
    HANA_GOTO(fail, hana_value_set(&map, "notes", notes, err));
    *out = map;
    return HANA_OK;
fail:
    hana_value_clear(&map);
    hana_value_clear(&columns);
    return status;
}

hana_status hana_mixed_frame(hana_frame **out, hana_value *report,
                             hana_mixed_table *table, const hana_mixed_source *source,
                             hana_job *job, hana_error *err)
{
    making m = { .table = table, .source = source };
    hana_frame *frame = NULL;
    hana_status status;
    HANA_GOTO(done, hana_csv_style_init(&m.style, source->options, err));
    HANA_GOTO(done, choose(&m, err));
    if (report) m.hints = hana_alloc_zero(m.n_chosen, sizeof *m.hints);
    if (report && !m.hints) HANA_GOTO(done, hana_fail_memory(err));
    HANA_GOTO(done, convert(&m, job, err));
    HANA_GOTO(done, make_frame(&frame, &m, err));
    if (report) HANA_GOTO(done, make_report(report, &m, err));
    *out = frame;
    frame = NULL;
done:
    hana_frame_release(frame);
    making_clear(&m);
    return status;
}

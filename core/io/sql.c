#include "sql.h"

#include "base/job.h"
#include "base/plugin.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "io/csv_parts.h"
#include "io/mixed.h"
#include "plugins/sql_driver.h"

#include <stdio.h>
#include <string.h>

/* --- stores ------------------------------------------------------------------------ */

typedef struct store {
    const char *scheme;
    int whole; /* the driver reads the whole URL */
    hana_plugin plugin;
} store;

static const store stores[] = {
    { "sqlite", 0, { "sqlite", "SQLite", "libsqlite3-0", "libsqlite3-dev" } },
    { "postgres", 1, { "postgres", "PostgreSQL", "libpq5", "libpq-dev" } },
    { "postgresql", 1, { "postgres", "PostgreSQL", "libpq5", "libpq-dev" } },
};
enum { N_STORES = sizeof stores / sizeof *stores };

static hana_status find_driver(const hana_sql_driver **driver, const char **location,
                               const char *url, hana_error *err)
{
    const char *colon = strchr(url, ':');
    size_t n = colon ? (size_t)(colon - url) : 0;
    for (size_t i = 0; colon && i < N_STORES; i++) {
        const store *s = &stores[i];
        if (strlen(s->scheme) != n || memcmp(s->scheme, url, n) != 0) continue;
        *location = s->whole ? url : colon + 1;
        if (!s->whole && strncmp(*location, "//", 2) == 0 && (*location)[2] != '/')
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "'%s' names a host, which a file has none of: %s:%s is "
                             "expected",
                             url, s->scheme, *location + 2);
        if (!**location)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "'%s' names no file: sqlite:file.db is expected", url);
        const void *table = NULL;
        HANA_TRY(hana_plugin_open(&table, &s->plugin, err));
        *driver = table;
        return HANA_OK;
    }
    if (!colon)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "a store is a URL, sqlite:file.db or postgres://host/database, "
                         "got '%s'",
                         url);
    return hana_fail(err, HANA_UNSUPPORTED,
                     "unknown store '%.*s:': sqlite: and postgres: are known", (int)n,
                     url);
}

/* The URL without its password. */
static void add_shown(hana_text *out, const char *url)
{
    const char *slashes = strstr(url, "://"), *at = slashes ? strchr(slashes, '@') : NULL,
               *colon = slashes ? strchr(slashes + 3, ':') : NULL;
    if (at && colon && colon < at) {
        hana_text_add(out, url, (size_t)(colon - url));
        url = at;
    }
    const char *password = strstr(url, "password=");
    if (!password) {
        hana_text_puts(out, url);
        return;
    }
    hana_text_add(out, url, (size_t)(password - url) + strlen("password="));
    hana_text_puts(out, "...");
    const char *next = strchr(password, '&');
    if (next) hana_text_puts(out, next);
}

/* --- reading ----------------------------------------------------------------------- */

/* A query's rows while they come in. */
typedef struct reading {
    hana_mixed_table table;
    hana_sql_type *declared; /* one a column */
    hana_names renamed;
    uint64_t hash;
    hana_csv_style style;
    const hana_csv_options *options;
    hana_mixed_column *about;
    const hana_column **columns;
    size_t *chosen, n; /* columns of the frame, in its order */
    size_t changed;    /* cells that were rounded */
} reading;

static void reading_clear(reading *r)
{
    for (size_t j = 0; r->about && j < r->table.n; j++)
        hana_value_clear(&r->about[j].nulls);
    for (size_t k = 0; r->columns && k < r->n; k++) hana_column_release(r->columns[k]);
    hana_mixed_table_clear(&r->table);
    hana_csv_style_clear(&r->style);
    hana_names_clear(&r->renamed);
    hana_free(r->declared);
    hana_free(r->about);
    hana_free(r->columns);
    hana_free(r->chosen);
}

static hana_status take_column(void *context, const char *name, hana_sql_type type,
                               hana_error *err)
{
    reading *r = context;
    size_t j;
    hana_sql_type *declared =
        hana_realloc(r->declared, r->table.n + 1, sizeof *r->declared);
    if (!declared) return hana_fail_memory(err);
    r->declared = declared;
    hana_text unique = { 0 };
    hana_text_puts(&unique, *name ? name : "column");
    for (int k = 2; !unique.failed && hana_names_find(&r->table.names, unique.data) >= 0;
         k++) {
        unique.length = 0;
        hana_text_printf(&unique, "%s_%d", *name ? name : "column", k);
    }
    hana_status status = unique.failed ? hana_fail_memory(err) : HANA_OK;
    if (status == HANA_OK && !hana_utf8_valid(unique.data, unique.length))
        status = hana_fail(err, HANA_BAD_DATA, "the name of column %zu is not UTF-8",
                           r->table.n + 1);
    if (status == HANA_OK && strcmp(unique.data, name) != 0)
        status = hana_mixed_table_note(&r->table, err, "column %zu '%s' was renamed '%s'",
                                       r->table.n + 1, name, unique.data);
    if (status == HANA_OK)
        status = hana_mixed_table_column(&j, &r->table, unique.data, unique.length, err);
    if (status == HANA_OK) r->declared[j] = type;
    hana_text_clear(&unique);
    return status;
}

static hana_status take_cell(void *context, size_t j, const hana_sql_cell *cell,
                             hana_error *err)
{
    static const hana_mixed_kind kinds[] = {
        [HANA_SQL_NULL_CELL] = HANA_MIXED_NULL,
        [HANA_SQL_BOOL_CELL] = HANA_MIXED_BOOL,
        [HANA_SQL_INT_CELL] = HANA_MIXED_INT,
        [HANA_SQL_FLOAT_CELL] = HANA_MIXED_FLOAT,
        [HANA_SQL_TEXT_CELL] = HANA_MIXED_STRING,
    };
    reading *r = context;
    if (cell->kind == HANA_SQL_TEXT_CELL) {
        if (!hana_utf8_valid(cell->text, cell->length))
            return hana_fail(err, HANA_BAD_DATA,
                             "column '%s', row %zu: text that is not UTF-8",
                             r->table.names.items[j], r->table.rows + 1);
        r->hash = hana_hash(cell->text, cell->length, r->hash);
    } else if (cell->kind == HANA_SQL_FLOAT_CELL) {
        r->hash = hana_hash(&cell->number, sizeof cell->number, r->hash);
    } else {
        int64_t pair[2] = { cell->kind, cell->integer };
        r->hash = hana_hash(pair, sizeof pair, r->hash);
    }
    hana_mixed_cell mixed = { .kind = kinds[cell->kind],
                              .integer = cell->integer,
                              .number = cell->number,
                              .text = cell->text,
                              .length = cell->length };
    return hana_mixed_table_put(&r->table, j, &mixed, err);
}

static hana_status take_end(void *context, hana_error *err)
{
    reading *r = context;
    int64_t row = (int64_t)r->table.rows;
    return hana_mixed_table_end_row(&r->table, row + 1, row, err);
}

static hana_status take_note(void *context, const char *sentence, hana_error *err)
{
    reading *r = context;
    return hana_mixed_table_note(&r->table, err, "%s", sentence);
}

/* Whether all cells are of the type; the first that is not is printed into `text`. */
static int all_convert(const reading *r, size_t j, hana_type type, const char *format,
                       hana_text *text, size_t *row)
{
    hana_mixed_cursor cursor = { .of = &r->table.columns[j] };
    hana_mixed_cell cell;
    while (hana_mixed_next(&cursor, &cell)) {
        int64_t integer;
        double number;
        int clock = 0;
        if (cell.kind == HANA_MIXED_NULL) continue;
        if (hana_mixed_convert(&r->style, type, format, &cell, &integer, &number,
                               &clock) &&
            clock != 1)
            continue;
        text->length = 0;
        hana_mixed_print(text, &cell);
        *row = cursor.i;
        return 0;
    }
    return 1;
}

/* Whether the cells were written as whole numbers. */
static int all_whole(const reading *r, size_t j)
{
    hana_mixed_cursor cursor = { .of = &r->table.columns[j] };
    hana_mixed_cell cell;
    size_t ints = 0;
    while (hana_mixed_next(&cursor, &cell)) {
        if (cell.kind == HANA_MIXED_NULL) continue;
        if (cell.kind != HANA_MIXED_INT) return 0;
        ints++;
    }
    return ints > 0;
}

static const struct {
    const char *words;
    hana_type type;
} declared_as[] = {
    [HANA_SQL_BOOL] = { "bool", HANA_BOOL },
    [HANA_SQL_INT] = { "int", HANA_INT },
    [HANA_SQL_FLOAT] = { "float", HANA_FLOAT },
    [HANA_SQL_NUMERIC] = { "numeric", HANA_FLOAT },
    [HANA_SQL_TEXT] = { "text", HANA_STRING },
    [HANA_SQL_DATE] = { "date", HANA_DATE },
    [HANA_SQL_DATETIME] = { "datetime", HANA_DATETIME },
};

/* The type that was asked for; a cell that is not of it is an error. */
static hana_status set_given(reading *r, size_t j, size_t i, hana_error *err)
{
    const hana_csv_options *o = r->options;
    hana_mixed_column *c = &r->about[j];
    hana_text text = { 0 };
    size_t row = 0;
    hana_type_from_name(o->type_names.items[i], &c->type);
    if (*o->type_formats.items[i]) c->format = o->type_formats.items[i];
    c->given = 1;
    hana_status status = HANA_OK;
    if (!all_convert(r, j, c->type, c->format, &text, &row))
        status = hana_fail(err, HANA_BAD_DATA, "column '%s', row %zu: '%.60s' is no %s",
                           c->name, row, text.data, hana_type_name(c->type));
    hana_text_clear(&text);
    return status;
}

/* The declared type, unless a cell is not of it: that one is printed into `misfit`. */
static hana_status set_declared(reading *r, size_t j, hana_text *misfit, size_t *row,
                                hana_error *err)
{
    hana_mixed_column *c = &r->about[j];
    hana_sql_type declared = r->declared[j];
    if (declared == HANA_SQL_ANY) return HANA_OK;
    hana_type type = declared_as[declared].type;
    if (declared == HANA_SQL_NUMERIC && all_whole(r, j)) type = HANA_INT;
    if (all_convert(r, j, type, NULL, misfit, row)) {
        c->given = 1;
        c->type = type;
    } else if (!misfit->data && !misfit->failed) {
        hana_text_puts(misfit, "");
    }
    return misfit->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status unknown_column(const reading *r, const char *name, const char *option,
                                  hana_error *err)
{
    char where[64];
    snprintf(where, sizeof where, " in option '%s' of read_sql", option);
    return hana_fail_unknown(err, "no column", name, where,
                             (const char *const *)r->table.names.items, r->table.names.n);
}

static hana_status choose(reading *r, hana_error *err)
{
    const hana_csv_options *o = r->options;
    size_t n = r->table.n;
    r->n = o->columns.n ? o->columns.n : n;
    r->chosen = hana_alloc(r->n, sizeof *r->chosen);
    r->about = hana_alloc_zero(n, sizeof *r->about);
    r->columns = hana_alloc_zero(r->n, sizeof *r->columns);
    if (!r->chosen || !r->about || !r->columns) return hana_fail_memory(err);
    for (size_t j = 0; j < n; j++) r->about[j].name = r->table.names.items[j];
    for (size_t k = 0; k < r->n; k++) {
        r->chosen[k] = k;
        if (o->columns.n == 0) continue;
        ptrdiff_t j = hana_names_find(&r->table.names, o->columns.items[k]);
        if (j < 0) return unknown_column(r, o->columns.items[k], "columns", err);
        r->chosen[k] = (size_t)j;
    }
    for (size_t i = 0; i < o->type_columns.n; i++)
        if (hana_names_find(&r->table.names, o->type_columns.items[i]) < 0)
            return unknown_column(r, o->type_columns.items[i], "types", err);
    return HANA_OK;
}

static hana_status set_string(hana_value *map, const char *key, const char *text,
                              hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

static void name_row(const void *context, char *out, size_t row, size_t j)
{
    (void)context, (void)j;
    snprintf(out, HANA_MIXED_PLACE, "row %zu", row + 1);
}

/* Whether cells were stored as something else than the column is. */
static int has_strangers(const hana_mixed_column *c)
{
    const size_t *of = c->counts.of;
    size_t numbers = of[HANA_MIXED_INT] + of[HANA_MIXED_FLOAT],
           texts = of[HANA_MIXED_STRING], bools = of[HANA_MIXED_BOOL];
    switch (c->type) {
    case HANA_BOOL:
        return texts > 0;
    case HANA_INT:
    case HANA_FLOAT:
        return texts + bools > 0;
    default:
        return numbers + bools > 0;
    }
}

/* Why the column is what it is; where its cells are of several sorts, or of another than
   the column's, that is noted with their numbers. */
static hana_status say_why(hana_text *out, reading *r, size_t j, const hana_text *misfit,
                           size_t row, hana_error *err)
{
    const hana_mixed_column *c = &r->about[j];
    int asked = hana_names_find(&r->options->type_columns, c->name) >= 0, n;
    const char *type = hana_type_name(c->type),
               *words = declared_as[r->declared[j]].words;
    hana_text list = { 0 };
    hana_status status = HANA_OK;
    n = hana_mixed_sorts(&list, &r->table.columns[j], &c->counts, j, name_row, NULL);
    hana_text_puts(out, asked          ? "given by types"
                        : misfit->data ? "what the values are, unlike their declared type"
                        : c->given     ? "declared so"
                                       : "what the values are");
    if (n > 1) hana_text_printf(out, "; mixed: %s", list.data ? list.data : "");
    if (list.failed || out->failed)
        status = hana_fail_memory(err);
    else if (misfit->data)
        status =
            hana_mixed_table_note(&r->table, err,
                                  "column '%s' is declared %s, but '%.60s' in row %zu is "
                                  "none; it became %s: %s",
                                  c->name, words, misfit->data, row, type, list.data);
    else if (!asked && n > 1)
        status = hana_mixed_table_note(&r->table, err,
                                       "column '%s' is mixed and became %s: %s", c->name,
                                       type, list.data);
    else if (!asked && has_strangers(c))
        status =
            hana_mixed_table_note(&r->table, err,
                                  "column '%s' is declared %s, which its cells became: "
                                  "%s",
                                  c->name, words, list.data);
    hana_text_clear(&list);
    return status;
}

static hana_status report_column(hana_value *list, reading *r, size_t j,
                                 const hana_text *misfit, size_t row, hana_error *err)
{
    hana_mixed_column *c = &r->about[j];
    hana_value map = { 0 };
    hana_text why = { 0 };
    hana_status status;
    HANA_GOTO(failed, say_why(&why, r, j, misfit, row, err));
    HANA_GOTO(failed, hana_value_new_map(&map, err));
    HANA_GOTO(failed, set_string(&map, "name", c->name, err));
    HANA_GOTO(failed, set_string(&map, "type", hana_type_name(c->type), err));
    HANA_GOTO(failed, set_string(&map, "why", why.data, err));
    hana_value nulls = c->nulls;
    c->nulls = (hana_value){ 0 };
    HANA_GOTO(failed, hana_value_set(&map, "nulls", nulls, err));
    r->changed += c->counts.rounded;
    if (c->counts.rounded)
        HANA_GOTO(failed,
                  hana_mixed_table_note(&r->table, err,
                                        "column '%s': integers with more digits than a "
                                        "float holds (%zu) were rounded",
                                        c->name, c->counts.rounded));
    hana_text_clear(&why);
    return hana_value_push(list, map, err);
failed:
    hana_text_clear(&why);
    hana_value_clear(&map);
    return status;
}

static hana_status convert_one(reading *r, size_t k, hana_value *list, hana_error *err)
{
    size_t j = r->chosen[k], row = 0;
    hana_mixed_column *c = &r->about[j];
    hana_column *column = NULL;
    hana_text misfit = { 0 };
    ptrdiff_t given = hana_names_find(&r->options->type_columns, c->name);
    hana_status status = given >= 0 ? set_given(r, j, (size_t)given, err)
                                    : set_declared(r, j, &misfit, &row, err);
    HANA_GOTO(done, status);
    HANA_GOTO(done, hana_mixed_infer(c, &r->table.columns[j], &r->style, 0, err));
    HANA_GOTO(done,
              hana_mixed_build(&column, c, &r->table.columns[j], NULL, &r->style, err));
    r->columns[k] = column;
    status = report_column(list, r, j, &misfit, row, err);
done:
    hana_text_clear(&misfit);
    return status;
}

static hana_status convert(reading *r, hana_value *list, hana_error *err)
{
    for (size_t k = 0; k < r->n; k++) {
        HANA_TRY(hana_poll_job(err));
        HANA_TRY(convert_one(r, k, list, err));
    }
    return HANA_OK;
}

static hana_status add_report(hana_value *report, reading *r, const char *url,
                              hana_value *columns, hana_error *err)
{
    hana_text shown = { 0 };
    hana_status status;
    add_shown(&shown, url);
    HANA_GOTO(done, shown.failed ? hana_fail_memory(err) : HANA_OK);
    HANA_GOTO(done, hana_value_new_map(report, err));
    HANA_GOTO(done, set_string(report, "path", shown.data, err));
    HANA_GOTO(done, hana_value_set(report, "rows", hana_value_int((int64_t)r->table.rows),
                                   err));
    HANA_GOTO(done, hana_value_set(report, "changed", hana_value_int((int64_t)r->changed),
                                   err));
    hana_value list = *columns;
    *columns = (hana_value){ 0 };
    HANA_GOTO(done, hana_value_set(report, "columns", list, err));
    HANA_GOTO(done, hana_value_texts(&list, r->table.notes.items, r->table.notes.n, err));
    status = hana_value_set(report, "notes", list, err);
done:
    hana_text_clear(&shown);
    if (status != HANA_OK) hana_value_clear(report);
    return status;
}

static hana_status make_frame(hana_frame **out, const reading *r, hana_error *err)
{
    const char **names = hana_alloc(r->n, sizeof *names);
    hana_frame *plain = NULL;
    if (!names) return hana_fail_memory(err);
    for (size_t k = 0; k < r->n; k++) names[k] = r->about[r->chosen[k]].name;
    hana_status status =
        hana_frame_new(&plain, names, r->columns, r->n, r->table.rows, err);
    if (status == HANA_OK) status = hana_frame_with_ids(out, plain, r->hash, NULL, err);
    hana_frame_release(plain);
    hana_free(names);
    return status;
}

hana_status hana_sql_read(hana_frame **out, hana_value *report, const char *url,
                          const char *query, const hana_value *params,
                          const hana_csv_options *options, hana_job *job, hana_error *err)
{
    const hana_sql_driver *driver;
    const char *location;
    hana_csv_options plain = { 0 };
    hana_value columns = { 0 }, about = { 0 };
    hana_frame *frame = NULL;
    hana_status status;
    HANA_TRY(find_driver(&driver, &location, url, err));
    HANA_TRY(hana_csv_options_init(&plain, err));
    /* A database has nulls of its own: no text is null unless it was said. */
    hana_csv_options effective = options ? *options : plain;
    effective.has_null = 1;
    reading r = { .options = &effective, .hash = hana_hash(query, strlen(query), 0) };
    hana_sql_rows rows = { .context = &r,
                           .column = take_column,
                           .cell = take_cell,
                           .end_row = take_end,
                           .note = take_note };
    HANA_GOTO(done, hana_csv_style_init(&r.style, &effective, err));
    HANA_GOTO(done, driver->read(location, query, params, &rows, job, err));
    HANA_GOTO(done, choose(&r, err));
    HANA_GOTO(done, hana_value_new_list(&columns, err));
    HANA_GOTO(done, convert(&r, &columns, err));
    HANA_GOTO(done, make_frame(&frame, &r, err));
    HANA_GOTO(done, add_report(&about, &r, url, &columns, err));
    *out = frame;
    frame = NULL;
    hana_value_clear(report);
    *report = about;
done:
    hana_frame_release(frame);
    hana_value_clear(&columns);
    reading_clear(&r);
    hana_csv_options_clear(&plain);
    return status;
}

hana_status hana_sql_describe(hana_value *out, const char *url, const char *table,
                              hana_job *job, hana_error *err)
{
    const hana_sql_driver *driver;
    const char *location;
    HANA_TRY(find_driver(&driver, &location, url, err));
    return driver->describe(out, location, table, job, err);
}

/* --- writing ----------------------------------------------------------------------- */

typedef struct writing {
    const hana_frame *frame;
    char text[64];
} writing;

static hana_status give_cell(void *context, size_t row, size_t j, hana_sql_cell *cell,
                             hana_error *err)
{
    (void)err;
    writing *w = context;
    const hana_column *column = hana_frame_column(w->frame, j);
    *cell = (hana_sql_cell){ 0 };
    if (hana_column_is_null(column, row)) return HANA_OK;
    switch (hana_column_type(column)) {
    case HANA_FLOAT:
        cell->kind = HANA_SQL_FLOAT_CELL;
        cell->number = hana_column_floats(column)[row];
        break;
    case HANA_INT:
        cell->kind = HANA_SQL_INT_CELL;
        cell->integer = hana_column_ints(column)[row];
        break;
    case HANA_BOOL:
        cell->kind = HANA_SQL_BOOL_CELL;
        cell->integer = hana_bit(hana_column_bits(column), row);
        break;
    case HANA_DATE:
        cell->kind = HANA_SQL_TEXT_CELL;
        cell->text = w->text;
        cell->length = (size_t)hana_print_date(w->text, hana_column_codes(column)[row]);
        break;
    case HANA_DATETIME: {
        const hana_zone *utc;
        HANA_TRY(hana_zone_get(&utc, "UTC", err));
        cell->kind = HANA_SQL_TEXT_CELL;
        cell->text = w->text;
        cell->length =
            (size_t)hana_print_datetime(w->text, hana_column_ints(column)[row], utc);
        break;
    }
    case HANA_STRING:
    case HANA_CATEGORY:
        cell->kind = HANA_SQL_TEXT_CELL;
        cell->text = hana_column_string(column, row, &cell->length);
        break;
    case HANA_BLOCK:
        break;
    }
    return HANA_OK;
}

hana_status hana_sql_write(const hana_frame *frame, const char *url, const char *name,
                           int if_exists, hana_job *job, hana_error *err)
{
    static const hana_sql_type types_of[HANA_N_TYPES] = {
        [HANA_FLOAT] = HANA_SQL_FLOAT,       [HANA_INT] = HANA_SQL_INT,
        [HANA_BOOL] = HANA_SQL_BOOL,         [HANA_STRING] = HANA_SQL_TEXT,
        [HANA_CATEGORY] = HANA_SQL_TEXT,     [HANA_DATE] = HANA_SQL_DATE,
        [HANA_DATETIME] = HANA_SQL_DATETIME, [HANA_BLOCK] = HANA_SQL_ANY,
    };
    const hana_sql_driver *driver;
    const char *location;
    size_t n = hana_frame_cols(frame);
    if (n == 0)
        return hana_fail(err, HANA_BAD_SHAPE, "write_sql: the frame has no columns");
    if (!*name)
        return hana_fail(err, HANA_BAD_ARGUMENT, "write_sql: the table needs a name");
    for (size_t j = 0; j < n; j++)
        if (hana_column_type(hana_frame_column(frame, j)) == HANA_BLOCK)
            return hana_fail(
                err, HANA_BAD_TYPE,
                "write_sql: column '%s' is a block, which tables do not hold",
                hana_frame_name(frame, j));
    HANA_TRY(find_driver(&driver, &location, url, err));
    const char **names = hana_alloc(n, sizeof *names);
    hana_sql_type *types = hana_alloc(n, sizeof *types);
    hana_status status = names && types ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t j = 0; j < n; j++) {
            names[j] = hana_frame_name(frame, j);
            types[j] = types_of[hana_column_type(hana_frame_column(frame, j))];
        }
        writing w = { .frame = frame };
        hana_sql_table table = { .name = name,
                                 .if_exists = if_exists,
                                 .columns = n,
                                 .rows = hana_frame_rows(frame),
                                 .names = names,
                                 .types = types,
                                 .context = &w,
                                 .cell = give_cell };
        hana_job_stage(job, "", 0, 1);
        status = driver->write(location, &table, job, err);
    }
    hana_free(names);
    hana_free(types);
    return status;
}

#include "mixed.h"

#include "base/parallel.h"

#include <stdarg.h>
#include <string.h>

int hana_mixed_next(hana_mixed_cursor *cursor, hana_mixed_cell *out)
{
    const hana_mixed *m = cursor->of;
    if (cursor->i >= m->n) return 0;
    int64_t value = m->values[cursor->i];
    *out = (hana_mixed_cell){ .kind = (hana_mixed_kind)m->kinds[cursor->i] };
    cursor->i++;
    switch (out->kind) {
    case HANA_MIXED_STRING:
    case HANA_MIXED_NESTED:
    case HANA_MIXED_ERROR:
        out->text = m->text.data + cursor->at;
        out->length = (size_t)value - cursor->at;
        cursor->at = (size_t)value;
        break;
    case HANA_MIXED_NULL: /* a text that stands for null leaves its bytes behind */
        cursor->at = (size_t)value;
        break;
    case HANA_MIXED_FLOAT:
        memcpy(&out->number, &value, sizeof value);
        break;
    default:
        out->integer = value;
    }
    return 1;
}

/* Makes room for n more cells. */
static hana_status grow(hana_mixed *m, size_t n, hana_error *err)
{
    if (m->capacity - m->n >= n) return HANA_OK;
    size_t capacity = m->capacity ? m->capacity * 2 : 64;
    if (capacity < m->n + n) capacity = m->n + n;
    uint8_t *kinds = hana_realloc(m->kinds, capacity, sizeof *kinds);
    if (!kinds) return hana_fail_memory(err);
    m->kinds = kinds;
    int64_t *values = hana_realloc(m->values, capacity, sizeof *values);
    if (!values) return hana_fail_memory(err);
    m->values = values;
    m->capacity = capacity;
    return HANA_OK;
}

/* Whether its value is where a text ends. */
static int ends_text(uint8_t kind)
{
    return kind >= HANA_MIXED_STRING || kind == HANA_MIXED_NULL;
}

static hana_status put(hana_mixed *m, const hana_mixed_cell *cell, hana_error *err)
{
    HANA_TRY(grow(m, 1, err));
    int64_t value = cell->integer;
    if (cell->kind == HANA_MIXED_FLOAT) memcpy(&value, &cell->number, sizeof value);
    if (cell->kind >= HANA_MIXED_STRING)
        hana_text_add(&m->text, cell->text ? cell->text : "", cell->length);
    if (m->text.failed) return hana_fail_memory(err);
    if (ends_text((uint8_t)cell->kind)) value = (int64_t)m->text.length;
    m->kinds[m->n] = (uint8_t)cell->kind;
    m->values[m->n++] = value;
    return HANA_OK;
}

void hana_mixed_table_clear(hana_mixed_table *table)
{
    for (size_t j = 0; j < table->n; j++) {
        hana_free(table->columns[j].kinds);
        hana_free(table->columns[j].values);
        hana_text_clear(&table->columns[j].text);
    }
    hana_free(table->columns);
    hana_free(table->places);
    hana_free(table->records);
    hana_dictionary_free(table->known);
    hana_names_clear(&table->names);
    hana_names_clear(&table->notes);
    hana_lines_clear(&table->troubles);
    *table = (hana_mixed_table){ 0 };
}

static hana_status check_room(const hana_mixed_table *table, hana_error *err)
{
    if ((table->rows + 1) * (table->n + 1) <= 20000000 + 50 * table->cells)
        return HANA_OK;
    return hana_fail(
        err, HANA_UNSUPPORTED,
        "%zu values are spread over %zu rows and %zu columns that are nearly empty",
        table->cells, table->rows + 1, table->n);
}

static hana_status pad(hana_mixed *m, size_t rows, hana_error *err)
{
    static const hana_mixed_cell null = { 0 };
    while (m->n < rows) HANA_TRY(put(m, &null, err));
    return HANA_OK;
}

hana_status hana_mixed_table_column(size_t *j, hana_mixed_table *table, const char *name,
                                    size_t length, hana_error *err)
{
    int32_t code;
    if (!table->known) HANA_TRY(hana_dictionary_new(&table->known, err));
    HANA_TRY(hana_dictionary_code(&code, table->known, name, length, err));
    *j = (size_t)code;
    if (*j < table->n) return HANA_OK;
    HANA_TRY(check_room(table, err));
    if (table->n == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 16;
        hana_mixed *columns = hana_realloc(table->columns, capacity, sizeof *columns);
        if (!columns) return hana_fail_memory(err);
        table->columns = columns;
        table->capacity = capacity;
    }
    hana_text copy = { 0 };
    hana_text_add(&copy, name, length);
    hana_status status = copy.failed ? hana_fail_memory(err)
                                     : hana_names_add(&table->names, copy.data, err);
    hana_text_clear(&copy);
    HANA_TRY(status);
    table->columns[table->n] = (hana_mixed){ 0 };
    return pad(&table->columns[table->n++], table->rows, err);
}

hana_status hana_mixed_table_put(hana_mixed_table *table, size_t j,
                                 const hana_mixed_cell *cell, hana_error *err)
{
    HANA_TRY(pad(&table->columns[j], table->rows, err));
    table->cells++;
    return put(&table->columns[j], cell, err);
}

int hana_mixed_table_has(const hana_mixed_table *table, size_t j)
{
    return table->columns[j].n > table->rows;
}

static hana_status grow_rows(hana_mixed_table *table, size_t n, hana_error *err)
{
    if (table->rows_capacity - table->rows >= n) return HANA_OK;
    size_t capacity = table->rows_capacity ? table->rows_capacity * 2 : 64;
    if (capacity < table->rows + n) capacity = table->rows + n;
    int64_t *places = hana_realloc(table->places, capacity, sizeof *places);
    if (!places) return hana_fail_memory(err);
    table->places = places;
    int64_t *records = hana_realloc(table->records, capacity, sizeof *records);
    if (!records) return hana_fail_memory(err);
    table->records = records;
    table->rows_capacity = capacity;
    return HANA_OK;
}

hana_status hana_mixed_table_end_row(hana_mixed_table *table, int64_t place,
                                     int64_t record, hana_error *err)
{
    HANA_TRY(check_room(table, err));
    HANA_TRY(grow_rows(table, 1, err));
    for (size_t j = 0; j < table->n; j++) {
        hana_mixed *m = &table->columns[j];
        m->used |= m->n > table->rows;
        HANA_TRY(pad(m, table->rows + 1, err));
        m->text_kept = m->text.length;
    }
    table->places[table->rows] = place;
    table->records[table->rows++] = record;
    return HANA_OK;
}

/* Appends the cells of another column, which has no row that was not ended. */
static hana_status append(hana_mixed *m, const hana_mixed *cells, hana_error *err)
{
    int64_t base = (int64_t)m->text.length;
    HANA_TRY(grow(m, cells->n, err));
    if (cells->text.data) hana_text_add(&m->text, cells->text.data, cells->text.length);
    if (m->text.failed) return hana_fail_memory(err);
    if (cells->n) memcpy(m->kinds + m->n, cells->kinds, cells->n);
    for (size_t i = 0; i < cells->n; i++)
        m->values[m->n + i] = cells->values[i] + (ends_text(cells->kinds[i]) ? base : 0);
    m->n += cells->n;
    m->text_kept = m->text.length;
    m->used |= cells->used;
    return HANA_OK;
}

/* Columns that are appended, each on its own. */
typedef struct appending {
    hana_mixed_table *table;
    const hana_mixed_rows *rows;
    size_t n;
    size_t *places; /* n x columns: 1 + the column of rows[k] that is column j, or 0 */
} appending;

static hana_status append_column(void *context, size_t j, int worker, hana_error *err)
{
    (void)worker;
    const appending *a = context;
    hana_mixed *m = &a->table->columns[j];
    size_t rows = a->table->rows;
    for (size_t k = 0; k < a->n; k++) {
        size_t place = a->places[k * a->table->n + j];
        if (place) HANA_TRY(append(m, &a->rows[k].table->columns[place - 1], err));
        rows += a->rows[k].table->rows;
        HANA_TRY(pad(m, rows, err));
    }
    return HANA_OK;
}

static hana_status add_columns(hana_mixed_table *table, const hana_names *names,
                               hana_error *err)
{
    for (size_t i = 0, j; i < names->n; i++)
        HANA_TRY(hana_mixed_table_column(&j, table, names->items[i],
                                         strlen(names->items[i]), err));
    return HANA_OK;
}

static hana_status find_places(appending *a, hana_error *err)
{
    hana_mixed_table *t = a->table;
    for (size_t k = 0; k < a->n; k++)
        HANA_TRY(add_columns(t, &a->rows[k].table->names, err));
    a->places = hana_alloc_zero(a->n * t->n, sizeof *a->places);
    if (!a->places) return hana_fail_memory(err);
    for (size_t k = 0; k < a->n; k++) {
        const hana_names *names = &a->rows[k].table->names;
        for (size_t i = 0; i < names->n; i++) {
            const char *name = names->items[i];
            int32_t j = hana_dictionary_find(t->known, name, strlen(name));
            a->places[k * t->n + (size_t)j] = i + 1;
        }
    }
    return HANA_OK;
}

static hana_status append_rows(hana_mixed_table *table, const hana_mixed_rows *added,
                               hana_error *err)
{
    const hana_mixed_table *rows = added->table;
    HANA_TRY(grow_rows(table, rows->rows, err));
    for (size_t i = 0; i < rows->rows; i++) {
        table->places[table->rows + i] = rows->places[i];
        table->records[table->rows + i] = added->record + rows->records[i];
    }
    table->rows += rows->rows;
    table->cells += rows->cells;
    if (table->skipped + table->broken == 0)
        memcpy(table->trouble, rows->trouble, sizeof table->trouble);
    table->skipped += rows->skipped;
    table->broken += rows->broken;
    return hana_lines_join(&table->troubles, &rows->troubles, 0, err);
}

hana_status hana_mixed_table_append(hana_mixed_table *table, const hana_mixed_rows *rows,
                                    size_t n, hana_job *job, hana_error *err)
{
    appending a = { .table = table, .rows = rows, .n = n };
    size_t cells = 0;
    hana_status status;
    HANA_GOTO(done, find_places(&a, err));
    for (size_t k = 0; k < n; k++) cells += rows[k].table->cells;
    HANA_GOTO(done, hana_parallel_steps(job, table->n, cells, append_column, &a, err));
    for (size_t k = 0; k < n; k++) HANA_GOTO(done, append_rows(table, &rows[k], err));
    status = check_room(table, err);
done:
    hana_free(a.places);
    return status;
}

void hana_mixed_table_drop_row(hana_mixed_table *table)
{
    for (size_t j = 0; j < table->n; j++) {
        hana_mixed *m = &table->columns[j];
        if (m->n > table->rows) m->n = table->rows;
        m->text.length = m->text_kept;
    }
}

hana_status hana_mixed_table_note(hana_mixed_table *table, hana_error *err,
                                  const char *format, ...)
{
    hana_error note;
    va_list args;
    va_start(args, format);
    hana_fail_v(&note, HANA_OK, format, args);
    va_end(args);
    return hana_names_add(&table->notes, note.message, err);
}

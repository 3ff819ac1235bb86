#include "csv_parts.h"

#include <math.h>
#include <string.h>

static void keep(char *out, size_t room, const char *text, size_t length)
{
    size_t n = length < room ? length : room - 4;
    while (n < length && n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) n--;
    for (size_t i = 0; i < n; i++) out[i] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
    memcpy(out + n, n < length ? "..." : "", n < length ? 4 : 1);
}

void hana_csv_example_set(hana_csv_example *e, int64_t line, const char *text,
                          size_t length)
{
    keep(e->text, sizeof e->text, text, length);
    e->line = line;
}

void hana_csv_remark_set(hana_csv_remark *r, int64_t line, const char *text,
                         size_t length)
{
    keep(r->text, sizeof r->text, text, length);
    r->line = line;
}

/* The rows of a stretch while it is read: cells row by row, and the line of each row. */
typedef struct rows {
    hana_csv_tokens *tokens;
    const hana_csv_layout *layout;
    hana_csv_stretch *out;
    int64_t *lines;
    size_t capacity, positions_capacity;
} rows;

static hana_status keep_row(rows *r, int64_t line, hana_error *err)
{
    hana_csv_stretch *s = r->out;
    if (s->rows == r->capacity) {
        size_t capacity = r->capacity ? r->capacity * 2 : 1024;
        int64_t *grown = hana_realloc(r->lines, capacity, sizeof *grown);
        if (!grown) return hana_fail_memory(err);
        r->lines = grown;
        r->capacity = capacity;
    }
    if (r->layout->style->on_error == 2 && s->rows == r->positions_capacity) {
        size_t capacity = r->positions_capacity ? r->positions_capacity * 2 : 1024;
        int64_t *grown = hana_realloc(s->positions, capacity, sizeof *grown);
        if (!grown) return hana_fail_memory(err);
        s->positions = grown;
        r->positions_capacity = capacity;
    }
    r->lines[s->rows] = line;
    if (s->positions) s->positions[s->rows] = s->records - 1;
    s->rows++;
    return HANA_OK;
}

static void stretch_fail(hana_csv_stretch *s, hana_status status, int64_t line)
{
    s->status = status;
    s->failed_line = line;
}

static ptrdiff_t find_null(const hana_csv_style *style, const hana_csv_cell *cell)
{
    for (size_t k = 0; k < style->n_nulls; k++)
        if (strlen(style->nulls[k]) == cell->length &&
            memcmp(style->nulls[k], cell->text, cell->length) == 0)
            return (ptrdiff_t)k;
    return -1;
}

/* Index of the null text that the cell is; -1 when it is a value. */
static inline ptrdiff_t null_index(const hana_csv_style *style, const hana_csv_cell *cell)
{
    if (cell->length == 0) return (ptrdiff_t)style->n_nulls + (cell->quoted != 0);
    if (cell->length > style->longest_null ||
        !style->null_starts[(unsigned char)*cell->text])
        return -1;
    return find_null(style, cell);
}

int hana_csv_inexact(const hana_csv_style *style, const hana_csv_column *about,
                     const char *text, size_t length)
{
    hana_csv_value value = { 0 };
    if (!about->block || (about->given && about->type != HANA_INT)) return 0;
    int good = about->given
                   ? hana_csv_parse_as(style, HANA_FLOAT, NULL, text, length, &value)
                   : hana_csv_parse(style, HANA_CSV_FLOAT, text, length, &value);
    return good && value.rounded;
}

int hana_csv_record_fits(const hana_csv_layout *layout, const hana_csv_cell *cells,
                         size_t *column)
{
    for (size_t j = 0; j < layout->width; j++) {
        const hana_csv_column *c = &layout->columns[j];
        hana_csv_value value = { 0 };
        if (!c->wanted || !(c->given || c->block) ||
            null_index(layout->style, &cells[j]) >= 0)
            continue;
        *column = j;
        if (hana_csv_inexact(layout->style, c, cells[j].text, cells[j].length)) return 0;
        if (!c->given || c->type == HANA_STRING || c->type == HANA_CATEGORY) continue;
        if (!hana_csv_parse_as(layout->style, c->type, c->format, cells[j].text,
                               cells[j].length, &value) ||
            value.clock == 1)
            return 0;
    }
    return 1;
}

void hana_csv_say_misfit(hana_error *out, const hana_csv_style *style,
                         const hana_csv_column *about, const hana_csv_cell *cell)
{
    if (hana_csv_inexact(style, about, cell->text, cell->length))
        hana_fail(out, HANA_BAD_DATA,
                  "column '%s': '%.*s' has more digits than a block holds", about->name,
                  (int)cell->length, cell->text);
    else
        hana_fail(out, HANA_BAD_DATA, "column '%s': '%.*s' is not of type %s",
                  about->name, (int)cell->length, cell->text,
                  hana_type_name(about->type));
}

/* Keeps the lines of a record that is dropped or changed, and what is wrong with the
   first of them. */
static hana_status trouble(rows *r, int64_t line, const char *text, hana_error *err)
{
    hana_csv_stretch *s = r->out;
    if (s->trouble.line == 0) hana_csv_remark_set(&s->trouble, line, text, strlen(text));
    return hana_lines_add(&s->troubles, line, hana_csv_tokens_line(r->tokens) - 1, err);
}

/* A record whose fields were appended behind those of the rows before: made a row,
   dropped, or left as the failure of the stretch. */
static hana_status take_record(rows *r, hana_csv_record kind, int64_t line, int *stop,
                               hana_error *err)
{
    const hana_csv_layout *layout = r->layout;
    hana_csv_stretch *s = r->out;
    size_t before = s->rows * layout->width, held, column = 0;
    hana_csv_cell *cells = hana_csv_tokens_cells(r->tokens, &held);
    size_t n = held - before, expected = layout->width;
    hana_error local = { 0 };
    if (kind == HANA_CSV_BROKEN) {
        hana_fail(&local, HANA_BAD_DATA,
                  "text behind the closing quote of field %zu; quotes inside quotes are "
                  "doubled",
                  n + 1);
        s->broken_rows++;
    } else if (n != layout->width ||
               (layout->trailing && cells[before + layout->width - 1].length > 0)) {
        if (n == layout->width) expected--;
        hana_fail(&local, HANA_BAD_DATA, "%zu field%s, expected %zu%s", n,
                  n == 1 ? "" : "s", expected,
                  expected == 1
                      ? "; option 'skip' leaves out lines in front of the header"
                      : "");
        if (n < layout->width)
            s->short_rows++;
        else
            s->long_rows++;
    }
    s->records++;
    if (local.status != HANA_OK) {
        HANA_TRY(trouble(r, line, local.message, err));
        if (layout->style->on_error == 0) {
            s->error = local;
            stretch_fail(s, HANA_BAD_DATA, line);
            *stop = 1;
            return hana_csv_tokens_resize(r->tokens, before, err);
        }
        if (kind == HANA_CSV_BROKEN)
            HANA_TRY(hana_csv_tokens_resize(r->tokens, before, err));
        if (layout->style->on_error == 2) {
            s->skipped++;
            return hana_csv_tokens_resize(r->tokens, before, err);
        }
        HANA_TRY(hana_csv_tokens_resize(r->tokens, before + layout->width, err));
    } else if (layout->style->on_error == 2 &&
               !hana_csv_record_fits(layout, cells + before, &column)) {
        hana_csv_say_misfit(&local, layout->style, &layout->columns[column],
                            &cells[before + column]);
        HANA_TRY(trouble(r, line, local.message, err));
        s->skipped++;
        return hana_csv_tokens_resize(r->tokens, before, err);
    }
    return keep_row(r, line, err);
}

static hana_status read_rows(rows *r, size_t stop_at, size_t limit, hana_error *err)
{
    hana_csv_stretch *s = r->out;
    int stop = 0;
    while (!stop && s->rows < limit && hana_csv_tokens_at(r->tokens) < stop_at) {
        hana_csv_record kind;
        int64_t line = 0;
        hana_error local = { 0 };
        hana_status status = hana_csv_tokens_next(r->tokens, &kind, &line, &local);
        if (status == HANA_BAD_DATA) {
            s->error = local;
            stretch_fail(s, status, local.position);
            break;
        }
        if (status != HANA_OK) return hana_fail_memory(err);
        if (kind == HANA_CSV_END) break;
        if (kind == HANA_CSV_BLANK) {
            if (r->layout->width != 1) continue;
            HANA_TRY(hana_csv_tokens_resize(r->tokens, s->rows + 1, err));
        }
        HANA_TRY(take_record(r, kind, line, &stop, err));
    }
    return HANA_OK;
}

static size_t value_size(hana_csv_kind kind)
{
    switch (kind) {
    case HANA_CSV_BOOL:
        return sizeof(uint8_t);
    case HANA_CSV_DATE:
        return sizeof(int32_t);
    case HANA_CSV_FLOAT:
        return sizeof(double);
    case HANA_CSV_NONE:
    case HANA_CSV_EMPTY:
        return 0;
    case HANA_CSV_INT:
    case HANA_CSV_DATETIME:
    case HANA_CSV_BIG:
    case HANA_CSV_STRING:
        break;
    }
    return sizeof(int64_t);
}

static int is_text(hana_csv_kind kind)
{
    return kind == HANA_CSV_BIG || kind == HANA_CSV_STRING;
}

static void part_empty(hana_csv_part *p)
{
    if (!p->lent) {
        hana_free(p->values);
        hana_free(p->text);
    }
    p->values = NULL;
    p->text = NULL;
    p->lent = 0;
}

static void part_clear(hana_csv_part *p)
{
    part_empty(p);
    hana_free(p->validity);
    hana_free(p->null_counts);
    *p = (hana_csv_part){ 0 };
}

/* One column while its cells from .. to - 1 are converted. */
typedef struct conversion {
    hana_csv_part *part;
    hana_csv_room *room; /* of the stretch, or NULL */
    const hana_csv_style *style;
    const hana_csv_column *about;
    const hana_csv_cell *cells; /* of this column in the first row */
    const int64_t *lines;
    size_t rows, width;
    size_t from, to;
    uintptr_t whole; /* cells from here have eight bytes before them, */
    size_t within;   /* as far as this; 0: nothing is known of them */
} conversion;

static hana_status mark_null(const conversion *c, size_t i, ptrdiff_t text,
                             hana_error *err)
{
    hana_csv_part *p = c->part;
    if (!p->validity) {
        p->validity = hana_alloc(hana_bitmap_bytes(c->rows), 1);
        if (!p->validity) return hana_fail_memory(err);
        memset(p->validity, 0xFF, hana_bitmap_bytes(c->rows));
        if (c->rows % 8) p->validity[c->rows / 8] = (uint8_t)((1u << c->rows % 8) - 1);
    }
    if (text >= 0 && !p->null_counts) {
        p->null_counts = hana_alloc_zero(c->style->n_nulls + 2, sizeof *p->null_counts);
        if (!p->null_counts) return hana_fail_memory(err);
    }
    hana_bit_clear(p->validity, i);
    p->nulls++;
    if (text >= 0) p->null_counts[text]++;
    if (p->kind == HANA_CSV_FLOAT) ((double *)p->values)[i] = NAN;
    return HANA_OK;
}

static hana_status part_start(const conversion *c, hana_csv_kind kind, hana_error *err)
{
    hana_csv_part *p = c->part;
    hana_csv_example why = p->why;
    part_clear(p);
    p->kind = kind;
    p->why = why;
    size_t size = value_size(kind), bytes = 0;
    if (size == 0) return HANA_OK;
    size_t n = c->rows + (is_text(kind) ? 1 : 0);
    for (size_t i = 0; is_text(kind) && i < c->rows; i++)
        bytes += c->cells[i * c->width].length;
    char *room = hana_csv_room_take(c->room, hana_csv_room_need(n * size) + bytes);
    p->lent = room != NULL;
    p->values = room ? room : hana_alloc_zero(n, size);
    if (!p->values) return hana_fail_memory(err);
    if (!is_text(kind)) return HANA_OK;
    p->text = room ? room + hana_csv_room_need(n * size) : hana_alloc(bytes, 1);
    return p->text ? HANA_OK : hana_fail_memory(err);
}

static void put_text(hana_csv_part *p, size_t i, const hana_csv_cell *cell)
{
    int64_t *offsets = p->values;
    if (cell) {
        if (cell->length) memcpy(p->text + p->text_length, cell->text, cell->length);
        p->text_length += cell->length;
    }
    offsets[i + 1] = (int64_t)p->text_length;
}

static void put_value(const conversion *c, size_t i, const hana_csv_value *value)
{
    hana_csv_part *p = c->part;
    switch (p->kind) {
    case HANA_CSV_BOOL:
        ((uint8_t *)p->values)[i] = (uint8_t)value->integer;
        break;
    case HANA_CSV_DATE:
        ((int32_t *)p->values)[i] = (int32_t)value->integer;
        break;
    case HANA_CSV_FLOAT:
        ((double *)p->values)[i] = value->number;
        p->rounded += value->rounded != 0;
        p->pluses += value->plus != 0;
        break;
    case HANA_CSV_INT:
        p->pluses += value->plus != 0;
        ((int64_t *)p->values)[i] = value->integer;
        break;
    default:
        ((int64_t *)p->values)[i] = value->integer;
    }
}

/* Texts are copied as they are; `kind` BIG looks whether they still are integers. Gives
   the kind that the column turned out to need. */
static hana_status convert_texts(const conversion *c, hana_csv_kind *kind,
                                 hana_error *err)
{
    hana_csv_part *p = c->part;
    for (size_t i = c->from; i < c->to; i++) {
        const hana_csv_cell *cell = &c->cells[i * c->width];
        ptrdiff_t null = null_index(c->style, cell);
        if (null > (ptrdiff_t)c->style->n_nulls)
            null = -1; /* a quoted empty field is a text */
        if (null >= 0) HANA_TRY(mark_null(c, i, null, err));
        if (null < 0 && *kind == HANA_CSV_BIG) {
            hana_csv_kind found =
                cell->length ? hana_csv_classify(c->style, cell->text, cell->length)
                             : HANA_CSV_EMPTY;
            *kind = hana_csv_join(*kind, found);
            if (*kind != HANA_CSV_BIG)
                hana_csv_example_set(&p->why, c->lines[i], cell->text, cell->length);
            if (*kind == HANA_CSV_FLOAT) return HANA_OK;
            p->kind = *kind;
        }
        put_text(p, i, null < 0 ? cell : NULL);
    }
    return HANA_OK;
}

/* A cell whose clock time did not exist, or existed twice, where its zone changed. */
static hana_status odd_time(const conversion *c, size_t i, const hana_csv_cell *cell,
                            int clock, hana_error *err)
{
    hana_csv_part *p = c->part;
    if (clock == 2) {
        if (p->doubled++ == 0)
            hana_csv_example_set(&p->overlap, c->lines[i], cell->text, cell->length);
        return HANA_OK;
    }
    if (p->gaps++ == 0)
        hana_csv_example_set(&p->gap, c->lines[i], cell->text, cell->length);
    ((int64_t *)p->values)[i] = 0;
    return mark_null(c, i, -1, err);
}

/* The value of up to eight digits, the first of which is no 0 before others; -1: it is to
   be read with more care. There is no branch on the number of digits: it changes from
   cell to cell, and guessing it wrong takes longer than all the rest. The text is read
   from its end backwards, with what stands before it. */
static inline int64_t short_integer(const conversion *c, const hana_csv_cell *cell)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t digits;
    if (cell->length - 1 > 7 || (uintptr_t)cell->text - c->whole >= c->within) return -1;
    memcpy(&digits, cell->text + cell->length - sizeof digits, sizeof digits);
    unsigned before = 64 - 8 * cell->length;
    digits = (digits ^ each * '0') & UINT64_MAX << before;
    if (((digits + each * 0x76) | digits) & each * 0x80) return -1;
    if ((digits >> before & 0xFF) == 0 && cell->length > 1) return -1;
    digits = digits * 10 + (digits >> 8);
    return (
        int64_t)(((digits & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
                  (digits >> 16 & UINT64_C(0x000000FF000000FF)) *
                      UINT64_C(0x0000271000000001)) >>
                 32);
#else
    (void)c, (void)cell;
    return -1;
#endif
}

static hana_status convert_values(const conversion *c, hana_csv_kind *kind,
                                  hana_error *err)
{
    hana_csv_part *p = c->part;
    int plain = *kind == HANA_CSV_INT || *kind == HANA_CSV_FLOAT;
    for (int digit = '0'; digit <= '9'; digit++) plain &= !c->style->null_starts[digit];
    for (size_t i = c->from; i < c->to; i++) {
        const hana_csv_cell *cell = &c->cells[i * c->width];
        int64_t integer = plain ? short_integer(c, cell) : -1;
        if (integer >= 0) {
            if (p->kind == HANA_CSV_INT)
                ((int64_t *)p->values)[i] = integer;
            else
                ((double *)p->values)[i] = (double)integer;
            continue;
        }
        ptrdiff_t null = null_index(c->style, cell);
        if (null >= 0) {
            HANA_TRY(mark_null(c, i, null, err));
            if (*kind == HANA_CSV_NONE && null > (ptrdiff_t)c->style->n_nulls)
                *kind = p->kind = HANA_CSV_EMPTY;
            continue;
        }
        hana_csv_value value = { 0 };
        int good =
            c->about->given
                ? hana_csv_parse_as(c->style, c->about->type, c->about->format,
                                    cell->text, cell->length, &value)
                : hana_csv_parse(c->style, *kind, cell->text, cell->length, &value);
        hana_csv_kind needed = *kind;
        int exact = !value.rounded || !c->about->block ||
                    (c->about->given && c->about->type != HANA_INT);
        if (!good && !c->about->given) {
            needed = hana_csv_join(*kind,
                                   hana_csv_classify(c->style, cell->text, cell->length));
            exact = needed != HANA_CSV_BIG || !c->about->block;
        }
        if (good && exact) {
            put_value(c, i, &value);
            if (value.clock && p->kind == HANA_CSV_DATETIME)
                HANA_TRY(odd_time(c, i, cell, value.clock, err));
        } else if (c->about->given || !exact) {
            if (p->failed++ == 0)
                hana_csv_example_set(&p->failure, c->lines[i], cell->text, cell->length);
            HANA_TRY(mark_null(c, i, -1, err));
        } else {
            *kind = needed;
            hana_csv_example_set(&p->why, c->lines[i], cell->text, cell->length);
            return HANA_OK;
        }
    }
    return HANA_OK;
}

/* Converts the cells into the part, all over again whenever one needs a wider kind. */
static hana_status convert(conversion *c, hana_error *err)
{
    for (;;) {
        hana_csv_kind found = c->part->kind;
        HANA_TRY(is_text(found) ? convert_texts(c, &found, err)
                                : convert_values(c, &found, err));
        if (found == c->part->kind) return HANA_OK;
        HANA_TRY(part_start(c, found, err));
        c->from = 0;
    }
}

static hana_csv_kind kind_of_type(hana_type type)
{
    switch (type) {
    case HANA_FLOAT:
        return HANA_CSV_FLOAT;
    case HANA_INT:
        return HANA_CSV_INT;
    case HANA_BOOL:
        return HANA_CSV_BOOL;
    case HANA_DATE:
        return HANA_CSV_DATE;
    case HANA_DATETIME:
        return HANA_CSV_DATETIME;
    case HANA_STRING:
    case HANA_CATEGORY:
    case HANA_BLOCK:
        break;
    }
    return HANA_CSV_STRING;
}

static const char *behind_digits(const char *text)
{
    while (*text >= '0' && *text <= '9') text++;
    return text;
}

/* Whether a text that does not fit its type is well formed, only too large. */
static int too_large(const char *text, hana_type type, char decimal)
{
    text += *text == '-' || *text == '+';
    const char *end = behind_digits(text);
    if (end == text) return 0;
    if (type == HANA_INT) return *end == '\0';
    if (type != HANA_FLOAT) return 0;
    if (*end == decimal) end = behind_digits(end + 1);
    if (*end != 'e' && *end != 'E') return *end == '\0';
    const char *digits = end + 1 + (end[1] == '-' || end[1] == '+');
    end = behind_digits(digits);
    return end > digits && *end == '\0';
}

static void fail_cell(hana_csv_stretch *s, const hana_csv_column *about,
                      const hana_csv_part *p, const hana_csv_style *style)
{
    static const char *const what[HANA_N_TYPES] = {
        [HANA_FLOAT] = "is not a number",          [HANA_INT] = "is not an integer",
        [HANA_BOOL] = "is neither true nor false", [HANA_DATE] = "is not a date",
        [HANA_DATETIME] = "is not a datetime",
    };
    int gap = p->failed == 0 || (p->gaps > 0 && p->gap.line < p->failure.line);
    int64_t line = gap ? p->gap.line : p->failure.line;
    if (s->status != HANA_OK && s->failed_line <= line) return;
    stretch_fail(s, HANA_BAD_DATA, line);
    if (gap)
        hana_fail(&s->error, HANA_BAD_DATA,
                  "column '%s': '%s' does not exist in %s: clocks were put forward",
                  about->name, p->gap.text, hana_zone_name(style->zone));
    else if (hana_csv_inexact(style, about, p->failure.text, strlen(p->failure.text)))
        hana_fail(&s->error, HANA_BAD_DATA,
                  "column '%s': '%s' has more digits than a block holds; types = { "
                  "[\"%s\"] = \"float\" } rounds it",
                  about->name, p->failure.text, about->name);
    else if (about->type == HANA_DATETIME &&
             hana_time_is_finer(p->failure.text, strlen(p->failure.text), about->format))
        hana_fail(&s->error, HANA_BAD_DATA, "column '%s': '%s' " HANA_TIME_IS_FINER,
                  about->name, p->failure.text);
    else if (about->format)
        hana_fail(&s->error, HANA_BAD_DATA, "column '%s': '%s' %s by '%s'", about->name,
                  p->failure.text, what[about->type], about->format);
    else
        hana_fail(&s->error, HANA_BAD_DATA, "column '%s': '%s' %s", about->name,
                  p->failure.text,
                  !too_large(p->failure.text, about->type, style->decimal)
                      ? what[about->type]
                  : about->type == HANA_INT ? "does not fit 64 bits"
                                            : "is more than a float holds");
}

/* Which columns are converted, and as what they begin. */
typedef struct converting {
    const hana_csv_layout *layout;
    const hana_csv_kind *kinds;  /* NULL: nothing is known */
    const unsigned char *chosen; /* NULL: all that are wanted */
    const char *text;            /* that most cells stand in; NULL: none is known */
    size_t length;
} converting;

static int takes_part(const converting *all, size_t j)
{
    return all->layout->columns[j].wanted && (!all->chosen || all->chosen[j]);
}

/* Rows whose cells stay in the cache while column after column is converted. */
static size_t rows_at_once(const hana_csv_stretch *s, const hana_csv_layout *layout)
{
    enum { BYTES = 1 << 18, ROWS_AT_LEAST = 16 };
    size_t row = layout->width * sizeof(hana_csv_cell);
    if (s->rows > 0 && s->to > s->from) row += (s->to - s->from) / s->rows;
    size_t n = BYTES / (row + 1);
    return n < ROWS_AT_LEAST ? ROWS_AT_LEAST : n;
}

static hana_status convert_all(hana_csv_stretch *s, const hana_csv_cell *cells,
                               const int64_t *lines, const converting *all,
                               hana_error *err)
{
    const hana_csv_layout *layout = all->layout;
    size_t step = rows_at_once(s, layout);
    for (size_t from = 0; from == 0 || from < s->rows; from += step) {
        for (size_t j = 0; j < layout->width; j++) {
            const hana_csv_column *about = &layout->columns[j];
            if (!takes_part(all, j)) continue;
            conversion c = { .part = &s->parts[j],
                             .room = all->chosen ? NULL : s->room,
                             .style = layout->style,
                             .about = about,
                             .cells = cells ? cells + j : NULL,
                             .lines = lines,
                             .rows = s->rows,
                             .width = layout->width,
                             .whole = (uintptr_t)all->text + 8,
                             .within = all->length < 8 ? 0 : all->length - 8,
                             .from = from,
                             .to = s->rows - from < step ? s->rows : from + step };
            hana_csv_kind kind = about->given ? kind_of_type(about->type)
                                 : all->kinds ? all->kinds[j]
                                              : HANA_CSV_NONE;
            if (from == 0) HANA_TRY(part_start(&c, kind, err));
            HANA_TRY(convert(&c, err));
        }
    }
    for (size_t j = 0; j < layout->width; j++) {
        const hana_csv_part *p = &s->parts[j];
        int given = layout->columns[j].given;
        if (takes_part(all, j) && p->failed + (given ? p->gaps : 0) > 0 &&
            layout->style->on_error == 0)
            fail_cell(s, &layout->columns[j], p, layout->style);
    }
    return HANA_OK;
}

/* What all columns need at most, when none is converted twice. */
static size_t most_bytes(const hana_csv_stretch *s, const hana_csv_layout *layout)
{
    size_t cell = sizeof(int64_t), columns = layout->width;
    return columns * (hana_csv_room_need((s->rows + 1) * cell) + hana_csv_room_need(1)) +
           (s->to - s->from);
}

hana_status hana_csv_stretch_read(hana_csv_stretch *out, hana_csv_tokens *tokens,
                                  const hana_csv_layout *layout,
                                  const hana_csv_kind *hints, size_t stop, size_t limit,
                                  hana_csv_room **room, hana_error *err)
{
    hana_csv_stretch s = { .from = hana_csv_tokens_at(tokens), .line = 1 };
    rows r = { .tokens = tokens, .layout = layout, .out = &s };
    converting all = { .layout = layout, .kinds = hints };
    hana_status status;
    hana_csv_tokens_drop(tokens);
    hana_csv_tokens_seek(tokens, s.from, 1);
    s.parts = hana_alloc_zero(layout->width, sizeof *s.parts);
    if (!s.parts) return hana_fail_memory(err);
    HANA_GOTO(fail, read_rows(&r, stop, limit, err));
    s.to = hana_csv_tokens_at(tokens);
    s.lines = hana_csv_tokens_line(tokens) - 1;
    if (s.positions && s.skipped == 0) {
        hana_free(s.positions);
        s.positions = NULL;
    }
    size_t held;
    const hana_csv_cell *cells = hana_csv_tokens_cells(tokens, &held);
    if (room)
        HANA_GOTO(fail, hana_csv_room_share(&s.room, room, most_bytes(&s, layout), err));
    all.text = hana_csv_tokens_text(tokens, &all.length);
    HANA_GOTO(fail, convert_all(&s, cells, r.lines, &all, err));
    hana_free(r.lines);
    *out = s;
    return HANA_OK;
fail:
    hana_free(r.lines);
    hana_csv_stretch_clear(&s, layout->width);
    return status;
}

static void widen(hana_csv_part *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t integer = ((int64_t *)p->values)[i];
        double number = (double)integer;
        p->rounded += number >= 0x1p63 || (int64_t)number != integer;
        if (p->validity && !hana_bit(p->validity, i)) number = NAN;
        memcpy((char *)p->values + i * sizeof number, &number, sizeof number);
    }
    p->kind = HANA_CSV_FLOAT;
    p->why.line = 0;
}

/* Marks the columns that must be converted again to be of the kinds that are wanted;
   whole numbers become fractions in place. Gives whether there are any. */
static int choose(unsigned char *chosen, hana_csv_stretch *stretch,
                  const hana_csv_layout *layout, const hana_csv_kind *wanted)
{
    int any = 0;
    for (size_t j = 0; j < layout->width; j++) {
        if (stretch->parts[j].kind == HANA_CSV_INT && wanted[j] == HANA_CSV_FLOAT)
            widen(&stretch->parts[j], stretch->rows);
        hana_csv_kind kind = stretch->parts[j].kind;
        chosen[j] = layout->columns[j].wanted && !layout->columns[j].given &&
                    kind != wanted[j] && !(kind == HANA_CSV_NONE) &&
                    !(kind == HANA_CSV_EMPTY && !is_text(wanted[j])) &&
                    !(kind == HANA_CSV_BIG && wanted[j] == HANA_CSV_STRING);
        if (chosen[j]) stretch->parts[j].why.line = 0; /* the reason lies elsewhere */
        any |= chosen[j];
    }
    return any;
}

hana_status hana_csv_stretch_convert(hana_csv_stretch *stretch, hana_csv_tokens *tokens,
                                     const hana_csv_layout *layout,
                                     const hana_csv_kind *wanted, hana_error *err)
{
    unsigned char *chosen = hana_alloc_zero(layout->width, 1);
    if (!chosen) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    if (choose(chosen, stretch, layout, wanted)) {
        hana_csv_stretch again = { .parts = stretch->parts };
        rows r = { .tokens = tokens, .layout = layout, .out = &again };
        size_t held;
        hana_csv_tokens_drop(tokens);
        hana_csv_tokens_seek(tokens, stretch->from, 1);
        status = read_rows(&r, stretch->to, SIZE_MAX, err);
        const hana_csv_cell *cells = hana_csv_tokens_cells(tokens, &held);
        if (status == HANA_OK)
            status = convert_all(
                &again, cells, r.lines,
                &(converting){ .layout = layout, .kinds = wanted, .chosen = chosen },
                err);
        hana_free(r.lines);
        hana_free(again.positions);
        hana_lines_clear(&again.troubles);
    }
    hana_free(chosen);
    return status;
}

hana_status hana_csv_cells_read(hana_csv_stretch *stretch, const hana_csv_layout *layout,
                                const hana_csv_cell *cells, const int64_t *lines,
                                hana_error *err)
{
    stretch->parts = hana_alloc_zero(layout->width, sizeof *stretch->parts);
    if (!stretch->parts) return hana_fail_memory(err);
    return convert_all(stretch, cells, lines, &(converting){ .layout = layout }, err);
}

hana_status hana_csv_cells_convert(hana_csv_stretch *stretch,
                                   const hana_csv_layout *layout,
                                   const hana_csv_cell *cells, const int64_t *lines,
                                   const hana_csv_kind *wanted, hana_error *err)
{
    unsigned char *chosen = hana_alloc_zero(layout->width, 1);
    if (!chosen) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    if (choose(chosen, stretch, layout, wanted))
        status = convert_all(
            stretch, cells, lines,
            &(converting){ .layout = layout, .kinds = wanted, .chosen = chosen }, err);
    hana_free(chosen);
    return status;
}

void hana_csv_stretch_empty(hana_csv_stretch *s, size_t width)
{
    for (size_t j = 0; s->parts && j < width; j++) part_empty(&s->parts[j]);
    hana_csv_room_release(s->room);
    s->room = NULL;
}

void hana_csv_stretch_clear(hana_csv_stretch *s, size_t width)
{
    hana_csv_stretch_empty(s, width);
    for (size_t j = 0; s->parts && j < width; j++) part_clear(&s->parts[j]);
    hana_free(s->parts);
    hana_free(s->positions);
    hana_lines_clear(&s->troubles);
    *s = (hana_csv_stretch){ 0 };
}

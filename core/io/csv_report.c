#include "csv_parts.h"

#include <string.h>

hana_status hana_csv_note(hana_csv_facts *facts, hana_error *err, const char *format, ...)
{
    hana_error note;
    va_list args;
    va_start(args, format);
    hana_fail_v(&note, HANA_OK, format, args);
    va_end(args);
    return hana_names_add(&facts->notes, note.message, err);
}

static hana_status set_string(hana_value *map, const char *key, const char *text,
                              hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_value_string(&value, text, strlen(text), err));
    return hana_value_set(map, key, value, err);
}

static hana_status set_count(hana_value *map, const char *key, size_t n, hana_error *err)
{
    return hana_value_set(map, key, hana_value_int((int64_t)n), err);
}

static hana_status set_lines(hana_value *map, const char *key, const hana_lines *lines,
                             hana_error *err)
{
    hana_value list = { 0 };
    if (lines->n == 0) return HANA_OK;
    HANA_TRY(hana_lines_list(&list, lines, err));
    return hana_value_set(map, key, list, err);
}

const hana_csv_example *hana_csv_reason(const hana_csv_facts *facts, size_t j,
                                        hana_csv_kind kind, int64_t *line)
{
    int64_t base = facts->first_line - 1;
    for (size_t k = 0; k < facts->n_stretches; k++) {
        const hana_csv_part *p = &facts->stretches[k].parts[j];
        *line = base + p->why.line;
        if (p->kind == kind && p->why.line > 0) return &p->why;
        base += facts->stretches[k].lines;
    }
    return NULL;
}

static void say_why(hana_text *out, const hana_csv_facts *facts, size_t j,
                    hana_csv_kind kind, const hana_csv_column *about,
                    const hana_csv_style *style)
{
    int64_t line = 0;
    const hana_csv_example *e =
        about->given ? NULL : hana_csv_reason(facts, j, kind, &line);
    const char *what = "text", *found;
    if (about->given) {
        hana_text_puts(out, "given by types");
        return;
    }
    switch (kind) {
    case HANA_CSV_NONE:
        hana_text_puts(out, "no values");
        return;
    case HANA_CSV_EMPTY:
        hana_text_puts(out, "only quoted empty fields");
        return;
    case HANA_CSV_BOOL:
        hana_text_puts(out, "all true or false");
        return;
    case HANA_CSV_INT:
        hana_text_puts(out, "all whole numbers");
        return;
    case HANA_CSV_DATE:
        hana_text_puts(out, "all dates (ISO 8601)");
        return;
    case HANA_CSV_DATETIME:
        hana_text_puts(out, "all datetimes (ISO 8601)");
        return;
    case HANA_CSV_FLOAT:
        what = "numbers, not all whole";
        break;
    case HANA_CSV_BIG:
        what = "an integer does not fit 64 bits";
        break;
    case HANA_CSV_STRING:
        found = e ? hana_csv_reason_of(style, e->text, strlen(e->text)) : NULL;
        what = found ? found : "text";
        break;
    }
    hana_text_puts(out, what);
    if (e) hana_text_printf(out, ": '%s' in line %lld", e->text, (long long)line);
}

/* What happened to the cells of some columns of the file, over all stretches. */
typedef struct happened {
    size_t failed, gaps, doubled, rounded, pluses;
    hana_csv_example failure, gap, overlap; /* their lines are those of the file */
} happened;

static void keep_first(hana_csv_example *first, size_t n, const hana_csv_example *e,
                       int64_t base)
{
    if (n == 0 || (first->line && first->line <= base + e->line)) return;
    *first = *e;
    first->line += base;
}

static void sum_up(happened *out, const hana_csv_facts *facts, const size_t *fields,
                   size_t n)
{
    int64_t base = facts->first_line - 1;
    *out = (happened){ 0 };
    for (size_t k = 0; k < facts->n_stretches; k++) {
        for (size_t i = 0; i < n; i++) {
            const hana_csv_part *p = &facts->stretches[k].parts[fields[i]];
            keep_first(&out->failure, p->failed, &p->failure, base);
            keep_first(&out->gap, p->gaps, &p->gap, base);
            keep_first(&out->overlap, p->doubled, &p->overlap, base);
            out->failed += p->failed;
            out->gaps += p->gaps;
            out->doubled += p->doubled;
            out->rounded += p->rounded;
            out->pluses += p->pluses;
        }
        base += facts->stretches[k].lines;
    }
}

static hana_status add_nulls(hana_value *column, const hana_csv_facts *facts,
                             const size_t *fields, size_t n, const hana_csv_style *style,
                             hana_error *err)
{
    hana_value nulls = { 0 };
    HANA_TRY(hana_value_new_map(&nulls, err));
    hana_status status = HANA_OK;
    for (size_t t = 0; t < style->n_nulls + 2 && status == HANA_OK; t++) {
        size_t count = 0;
        for (size_t k = 0; k < facts->n_stretches; k++)
            for (size_t i = 0; i < n; i++) {
                const hana_csv_part *p = &facts->stretches[k].parts[fields[i]];
                if (p->null_counts) count += p->null_counts[t];
            }
        const char *text = t < style->n_nulls    ? style->nulls[t]
                           : t == style->n_nulls ? ""
                                                 : "\"\"";
        if (count) status = set_count(&nulls, text, count, err);
    }
    if (status == HANA_OK) return hana_value_set(column, "nulls", nulls, err);
    hana_value_clear(&nulls);
    return status;
}

static hana_status note_clocks(hana_csv_facts *facts, const char *name, const happened *h,
                               const hana_csv_style *style, hana_error *err)
{
    if (h->gaps)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': times that do not exist in %s became null (%zu); the first "
            "is '%s' in line %lld",
            name, hana_zone_name(style->zone), h->gaps, h->gap.text,
            (long long)h->gap.line));
    if (h->doubled)
        HANA_TRY(hana_csv_note(facts, err,
                               "column '%s': times that happened twice in %s (%zu), when "
                               "clocks were put back: "
                               "the earlier was taken; the first is '%s' in line %lld",
                               name, hana_zone_name(style->zone), h->doubled,
                               h->overlap.text, (long long)h->overlap.line));
    return HANA_OK;
}

static hana_status note_cells(hana_csv_facts *facts, const hana_csv_column *about,
                              const happened *h, const hana_csv_style *style,
                              hana_error *err)
{
    if (h->failed)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': cells that are not of type %s became null (%zu), the first is "
            "'%s' in line %lld",
            about->name, hana_type_name(about->type), h->failed, h->failure.text,
            (long long)h->failure.line));
    HANA_TRY(note_clocks(facts, about->name, h, style, err));
    if (h->rounded)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': integers with more digits than a float holds (%zu) were "
            "rounded; types = { [\"%s\"] = \"string\" } keeps them",
            about->name, h->rounded, about->name));
    if (h->pluses && !about->given)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': numbers with a plus sign (%zu), which is not kept; types = { "
            "[\"%s\"] = \"string\" } keeps it",
            about->name, h->pluses, about->name));
    return HANA_OK;
}

static hana_status add_texts(hana_value *column, const hana_csv_facts *facts, size_t j,
                             hana_csv_kind kind, const hana_csv_column *about,
                             const hana_csv_style *style, const hana_column *made,
                             hana_error *err)
{
    hana_text why = { 0 }, hint = { 0 };
    hana_status status = HANA_OK;
    say_why(&why, facts, j, kind, about, style);
    if (why.failed) status = hana_fail_memory(err);
    if (status == HANA_OK) status = set_string(column, "why", why.data, err);
    if (status == HANA_OK && !about->given && kind == HANA_CSV_STRING)
        status = hana_csv_hint(&hint, style, about->name, made, err);
    if (status == HANA_OK && hint.length)
        status = set_string(column, "hint", hint.data, err);
    hana_text_clear(&why);
    hana_text_clear(&hint);
    return status;
}

hana_status hana_csv_report_column(hana_value *columns, hana_csv_facts *facts, size_t j,
                                   hana_csv_kind kind, const hana_csv_column *about,
                                   const hana_csv_style *style, const hana_column *column,
                                   hana_error *err)
{
    hana_value map = { 0 };
    happened h;
    hana_status status;
    sum_up(&h, facts, &j, 1);
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, set_string(&map, "name", about->name, err));
    HANA_GOTO(fail,
              set_string(&map, "type", hana_type_name(hana_column_type(column)), err));
    HANA_GOTO(fail, add_texts(&map, facts, j, kind, about, style, column, err));
    HANA_GOTO(fail, add_nulls(&map, facts, &j, 1, style, err));
    HANA_GOTO(fail, note_cells(facts, about, &h, style, err));
    HANA_GOTO(fail, set_count(&map, "failed", h.failed + h.gaps, err));
    facts->changed += h.rounded;
    return hana_value_push(columns, map, err);
fail:
    hana_value_clear(&map);
    return status;
}

static hana_status note_block(hana_csv_facts *facts, const char *name, const happened *h,
                              hana_error *err)
{
    if (h->failed)
        HANA_TRY(
            hana_csv_note(facts, err,
                          "block '%s': cells that are no number with the digits that "
                          "a block holds became null (%zu), the first is '%s' in "
                          "line %lld",
                          name, h->failed, h->failure.text, (long long)h->failure.line));
    if (h->rounded)
        HANA_TRY(hana_csv_note(
            facts, err,
            "block '%s': integers with more digits than a float holds (%zu) were rounded",
            name, h->rounded));
    if (h->pluses)
        HANA_TRY(hana_csv_note(
            facts, err, "block '%s': numbers with a plus sign (%zu), which is not kept",
            name, h->pluses));
    return HANA_OK;
}

hana_status hana_csv_report_block(hana_value *columns, hana_csv_facts *facts,
                                  const char *name, const size_t *fields, size_t n,
                                  const hana_csv_column *about,
                                  const hana_csv_style *style, hana_error *err)
{
    hana_value map = { 0 };
    hana_text why = { 0 };
    happened h;
    hana_status status;
    sum_up(&h, facts, fields, n);
    if (n == 1)
        hana_text_printf(&why, "numbers of column '%s'", about[fields[0]].name);
    else
        hana_text_printf(&why, "numbers of %zu columns, '%s' to '%s'", n,
                         about[fields[0]].name, about[fields[n - 1]].name);
    HANA_GOTO(fail, why.failed ? hana_fail_memory(err) : HANA_OK);
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, set_string(&map, "name", name, err));
    HANA_GOTO(fail, set_string(&map, "type", hana_type_name(HANA_BLOCK), err));
    HANA_GOTO(fail, set_string(&map, "why", why.data, err));
    HANA_GOTO(fail, set_count(&map, "members", n, err));
    HANA_GOTO(fail, add_nulls(&map, facts, fields, n, style, err));
    HANA_GOTO(fail, note_block(facts, name, &h, err));
    HANA_GOTO(fail, set_count(&map, "failed", h.failed, err));
    facts->changed += h.rounded;
    hana_text_clear(&why);
    return hana_value_push(columns, map, err);
fail:
    hana_text_clear(&why);
    hana_value_clear(&map);
    return status;
}

static hana_status note_changed(hana_csv_facts *facts, size_t short_rows,
                                size_t long_rows, size_t broken, hana_error *err)
{
    facts->changed += short_rows + long_rows + broken;
    if (short_rows)
        HANA_TRY(hana_csv_note(facts, err, "rows too short, filled up with nulls: %zu",
                               short_rows));
    if (long_rows)
        HANA_TRY(hana_csv_note(
            facts, err, "rows too long, their last fields dropped: %zu", long_rows));
    if (broken)
        HANA_TRY(hana_csv_note(facts, err,
                               "rows with text behind a closing quote, all null now: %zu",
                               broken));
    return HANA_OK;
}

/* Sets `skipped` and the lines of the rows that were skipped or changed. */
static hana_status note_rows(hana_csv_facts *facts, size_t *skipped, hana_lines *lines,
                             hana_error *err)
{
    size_t short_rows = 0, long_rows = 0, broken = 0;
    const hana_csv_remark *first = NULL;
    int64_t line = 0, base = facts->first_line - 1;
    hana_text list = { 0 };
    *skipped = 0;
    for (size_t k = 0; k < facts->n_stretches; k++) {
        const hana_csv_stretch *s = &facts->stretches[k];
        if (s->trouble.line && !first) {
            first = &s->trouble;
            line = base + first->line;
        }
        HANA_TRY(hana_lines_join(lines, &s->troubles, base, err));
        short_rows += s->short_rows;
        long_rows += s->long_rows;
        broken += s->broken_rows;
        *skipped += s->skipped;
        base += s->lines;
    }
    if (*skipped)
        HANA_TRY(hana_csv_note(facts, err,
                               "rows skipped: %zu; the first in line %lld: %s", *skipped,
                               (long long)line, first ? first->text : ""));
    else
        HANA_TRY(note_changed(facts, short_rows, long_rows, broken, err));
    if (!*skipped && first)
        HANA_TRY(hana_csv_note(facts, err, "the first such row is in line %lld: %s",
                               (long long)line, first->text));
    if (lines->n == 0 || (lines->n == 1 && lines->ranges[0] == lines->ranges[1]))
        return HANA_OK;
    hana_lines_say(&list, lines);
    hana_status status = list.failed
                             ? hana_fail_memory(err)
                             : hana_csv_note(facts, err, "lines %s: %s",
                                             *skipped ? "skipped" : "changed", list.data);
    hana_text_clear(&list);
    return status;
}

hana_status hana_csv_report(hana_value *out, hana_csv_facts *facts, hana_value columns,
                            hana_error *err)
{
    hana_value map = { 0 }, notes = { 0 };
    hana_lines lines = { 0 };
    size_t skipped = 0;
    hana_status status;
    HANA_GOTO(fail, note_rows(facts, &skipped, &lines, err));
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, set_string(&map, "path", facts->path, err));
    HANA_GOTO(fail, set_count(&map, "rows", facts->rows, err));
    HANA_GOTO(fail, set_string(&map, "encoding", facts->encoding, err));
    if (facts->delimiter)
        HANA_GOTO(fail, set_string(&map, "delimiter", facts->delimiter, err));
    status = hana_value_set(&map, "columns", columns, err);
    columns = (hana_value){ 0 };
    if (status != HANA_OK) goto fail;
    HANA_GOTO(fail, set_count(&map, "skipped", skipped, err));
    HANA_GOTO(fail,
              set_lines(&map, skipped ? "skipped_lines" : "changed_lines", &lines, err));
    HANA_GOTO(fail, set_count(&map, "changed", facts->changed, err));
    HANA_GOTO(fail, hana_value_texts(&notes, facts->notes.items, facts->notes.n, err));
    HANA_GOTO(fail, hana_value_set(&map, "notes", notes, err));
    hana_lines_clear(&lines);
    *out = map;
    return HANA_OK;
fail:
    hana_lines_clear(&lines);
    hana_value_clear(&map);
    hana_value_clear(&columns);
    return status;
}

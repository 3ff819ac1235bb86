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

static int64_t line_base(const hana_csv_facts *facts, size_t k)
{
    int64_t line = facts->first_line;
    for (size_t i = 0; i < k; i++) line += facts->stretches[i].lines;
    return line - 1;
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

/* The first cell that made the column what it is. */
static const hana_csv_example *reason(const hana_csv_facts *facts, size_t j,
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
                    hana_csv_kind kind, const hana_csv_column *about)
{
    int64_t line = 0;
    const hana_csv_example *e = about->given ? NULL : reason(facts, j, kind, &line);
    const char *what = "text";
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
        break;
    }
    hana_text_puts(out, what);
    if (e) hana_text_printf(out, ": '%s' in line %lld", e->text, (long long)line);
}

static hana_status add_nulls(hana_value *column, const hana_csv_facts *facts, size_t j,
                             const hana_csv_style *style, hana_error *err)
{
    hana_value nulls = { 0 };
    HANA_TRY(hana_value_new_map(&nulls, err));
    hana_status status = HANA_OK;
    for (size_t t = 0; t < style->n_nulls + 2 && status == HANA_OK; t++) {
        size_t count = 0;
        for (size_t k = 0; k < facts->n_stretches; k++) {
            const hana_csv_part *p = &facts->stretches[k].parts[j];
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

/* Sums over the stretches what happened to the cells of column j, and notes it. */
static hana_status note_cells(hana_csv_facts *facts, size_t j,
                              const hana_csv_column *about, const hana_csv_style *style,
                              size_t *failed, size_t *rounded, hana_error *err)
{
    size_t gaps = 0, doubled = 0, pluses = 0;
    const hana_csv_example *failure = NULL, *gap = NULL, *overlap = NULL;
    int64_t failure_line = 0, gap_line = 0, overlap_line = 0;
    *failed = *rounded = 0;
    for (size_t k = 0; k < facts->n_stretches; k++) {
        const hana_csv_part *p = &facts->stretches[k].parts[j];
        int64_t base = line_base(facts, p->failed || p->gaps || p->doubled ? k : 0);
        if (p->failed && !failure) {
            failure = &p->failure;
            failure_line = base + failure->line;
        }
        if (p->gaps && !gap) {
            gap = &p->gap;
            gap_line = base + gap->line;
        }
        if (p->doubled && !overlap) {
            overlap = &p->overlap;
            overlap_line = base + overlap->line;
        }
        *failed += p->failed + p->gaps;
        *rounded += p->rounded;
        gaps += p->gaps;
        doubled += p->doubled;
        pluses += p->pluses;
    }
    if (failure)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': cells that are not of type %s became null (%zu), the first is "
            "'%s' in line %lld",
            about->name, hana_type_name(about->type), *failed - gaps, failure->text,
            (long long)failure_line));
    if (gap)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': times that do not exist in %s became null (%zu); the first "
            "is '%s' in line %lld",
            about->name, hana_zone_name(style->zone), gaps, gap->text,
            (long long)gap_line));
    if (overlap)
        HANA_TRY(hana_csv_note(facts, err,
                               "column '%s': times that happened twice in %s (%zu), when "
                               "clocks were put back: "
                               "the earlier was taken; the first is '%s' in line %lld",
                               about->name, hana_zone_name(style->zone), doubled,
                               overlap->text, (long long)overlap_line));
    if (*rounded)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': integers with more digits than a float holds (%zu) were "
            "rounded; types = { [\"%s\"] = \"string\" } keeps them",
            about->name, *rounded, about->name));
    if (pluses && !about->given)
        HANA_TRY(hana_csv_note(
            facts, err,
            "column '%s': numbers with a plus sign (%zu), which is not kept; types = { "
            "[\"%s\"] = \"string\" } keeps it",
            about->name, pluses, about->name));
    return HANA_OK;
}

static hana_status add_texts(hana_value *column, const hana_csv_facts *facts, size_t j,
                             hana_csv_kind kind, const hana_csv_column *about,
                             const hana_csv_style *style, const hana_column *made,
                             hana_error *err)
{
    hana_text why = { 0 }, hint = { 0 };
    hana_status status = HANA_OK;
    say_why(&why, facts, j, kind, about);
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
    size_t failed = 0, rounded = 0;
    hana_status status;
    HANA_GOTO(fail, hana_value_new_map(&map, err));
    HANA_GOTO(fail, set_string(&map, "name", about->name, err));
    HANA_GOTO(fail,
              set_string(&map, "type", hana_type_name(hana_column_type(column)), err));
    HANA_GOTO(fail, add_texts(&map, facts, j, kind, about, style, column, err));
    HANA_GOTO(fail, add_nulls(&map, facts, j, style, err));
    HANA_GOTO(fail, note_cells(facts, j, about, style, &failed, &rounded, err));
    HANA_GOTO(fail, set_count(&map, "failed", failed, err));
    facts->changed += rounded;
    return hana_value_push(columns, map, err);
fail:
    hana_value_clear(&map);
    return status;
}

static hana_status note_rows(hana_csv_facts *facts, size_t *skipped, hana_error *err)
{
    size_t short_rows = 0, long_rows = 0, broken = 0;
    const hana_csv_example *first = NULL;
    int64_t line = 0;
    *skipped = 0;
    for (size_t k = 0; k < facts->n_stretches; k++) {
        const hana_csv_stretch *s = &facts->stretches[k];
        if (s->trouble.line && !first) {
            first = &s->trouble;
            line = line_base(facts, k) + first->line;
        }
        short_rows += s->short_rows;
        long_rows += s->long_rows;
        broken += s->broken_rows;
        *skipped += s->skipped;
    }
    if (!*skipped) facts->changed += short_rows + long_rows + broken;
    if (*skipped)
        return hana_csv_note(facts, err, "rows skipped: %zu; the first in line %lld: %s",
                             *skipped, (long long)line, first ? first->text : "");
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
    if (first)
        HANA_TRY(hana_csv_note(facts, err, "the first such row is in line %lld: %s",
                               (long long)line, first->text));
    return HANA_OK;
}

hana_status hana_csv_report(hana_value *out, hana_csv_facts *facts, hana_value columns,
                            hana_error *err)
{
    hana_value map = { 0 }, notes = { 0 };
    size_t skipped = 0;
    hana_status status;
    HANA_GOTO(fail, note_rows(facts, &skipped, err));
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
    HANA_GOTO(fail, set_count(&map, "changed", facts->changed, err));
    HANA_GOTO(fail, hana_value_texts(&notes, facts->notes.items, facts->notes.n, err));
    HANA_GOTO(fail, hana_value_set(&map, "notes", notes, err));
    *out = map;
    return HANA_OK;
fail:
    hana_value_clear(&map);
    hana_value_clear(&columns);
    return status;
}

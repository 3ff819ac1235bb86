#include "csv_parts.h"

#include <string.h>

enum { MAX_RECORDS = 200, SAMPLE_BYTES = 1 << 18 };

/* How evenly a delimiter cuts the first records. */
typedef struct score {
    double share; /* of the records: those with the number of fields that most have; half
                     of it where the first one, which should be the header, has another
                     number */
    size_t fields;
} score;

static score evaluate(const size_t *counts, size_t n)
{
    score best = { 0 };
    for (size_t i = 0; i < n; i++) {
        if (counts[i] < 2) continue;
        size_t same = 0;
        for (size_t k = 0; k < n; k++) same += counts[k] == counts[i];
        int header = counts[0] == counts[i] || counts[0] + 1 == counts[i];
        double share = (header && counts[0] > 1 ? 1 : 0.5) * (double)same / (double)n;
        if (share > best.share || (share == best.share && counts[i] > best.fields))
            best = (score){ .share = share, .fields = counts[i] };
    }
    /* A mark that the first record lacks and few others have stands in texts. */
    if (n > 0 && counts[0] == 1 && best.share < 0.25) return (score){ 0 };
    return best;
}

static int holds(const hana_csv_cell *cells, size_t n, char mark)
{
    for (size_t i = 0; i < n; i++)
        if (cells[i].quoted && memchr(cells[i].text, mark, cells[i].length)) return 1;
    return 0;
}

/* `protected`, unless NULL: whether a quoted field holds the delimiter. */
static hana_status judge(score *out, int *protected, const hana_csv_style *style,
                         const char *text, size_t length, int64_t skip, hana_error *err)
{
    hana_csv_tokens *tokens = NULL;
    size_t counts[MAX_RECORDS], n = 0;
    HANA_TRY(hana_csv_tokens_new(&tokens, style, text, length, err));
    hana_csv_tokens_skip_lines(tokens, skip);
    hana_status status = HANA_OK;
    while (n < MAX_RECORDS && hana_csv_tokens_at(tokens) < SAMPLE_BYTES) {
        hana_csv_record kind;
        int64_t line;
        hana_error local;
        status = hana_csv_tokens_next(tokens, &kind, &line, &local);
        if (status == HANA_OUT_OF_MEMORY) break;
        if (status != HANA_OK || kind == HANA_CSV_END) {
            status = HANA_OK;
            break;
        }
        size_t fields;
        const hana_csv_cell *cells = hana_csv_tokens_cells(tokens, &fields);
        if (protected && holds(cells, fields, style->delimiter)) *protected = 1;
        if (kind == HANA_CSV_FIELDS) counts[n++] = fields;
        hana_csv_tokens_drop(tokens);
    }
    hana_csv_tokens_free(tokens);
    if (status != HANA_OK) return hana_fail_memory(err);
    *out = evaluate(counts, n);
    return HANA_OK;
}

hana_status hana_csv_guess_delimiter(char *out, const hana_csv_style *style,
                                     const char *text, size_t length, int64_t skip,
                                     hana_error *err)
{
    static const char candidates[] = { ',', ';', '\t', '|' };
    score best = { 0 };
    char found = style->decimal == ',' ? ';' : ',';
    for (size_t i = 0; i < sizeof candidates; i++) {
        if (candidates[i] == style->decimal) continue;
        hana_csv_style trial = *style;
        trial.delimiter = candidates[i];
        score s = { 0 };
        HANA_TRY(judge(&s, NULL, &trial, text, length, skip, err));
        if (s.share > best.share || (s.share == best.share && s.fields > best.fields)) {
            best = s;
            found = candidates[i];
        }
    }
    if (style->decimal == ',' && best.share == 0) {
        /* Numbers stand in quotes where the comma is both. */
        hana_csv_style trial = *style;
        int protected = 0;
        trial.delimiter = ',';
        HANA_TRY(judge(&best, &protected, &trial, text, length, skip, err));
        if (protected && best.share == 1) found = ',';
    }
    *out = found;
    return HANA_OK;
}

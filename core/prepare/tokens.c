#include "prepare/tokens.h"

#include "base/text.h"

#include <string.h>

/* Pieces of one text: words, or characters with runs of blanks made one. */
typedef struct pieces {
    size_t n, capacity;
    const char **start;
    size_t *length;
} pieces;

static hana_status add(pieces *p, const char *start, size_t length, hana_error *err)
{
    if (p->n == p->capacity) {
        size_t capacity = p->capacity * 2 + 32;
        const char **starts = hana_realloc(p->start, capacity, sizeof *starts);
        if (!starts) return hana_fail_memory(err);
        p->start = starts;
        size_t *lengths = hana_realloc(p->length, capacity, sizeof *lengths);
        if (!lengths) return hana_fail_memory(err);
        p->length = lengths;
        p->capacity = capacity;
    }
    p->start[p->n] = start;
    p->length[p->n++] = length;
    return HANA_OK;
}

static int in_word(int32_t c)
{
    return (c >= '0' && c <= '9') || c == '_' || hana_utf8_is_letter(c);
}

static hana_status cut_words(pieces *p, const char *text, size_t length, size_t shortest,
                             hana_error *err)
{
    size_t begin = 0, characters = 0;
    for (size_t at = 0; at <= length;) {
        size_t bytes = 1;
        int32_t c = at < length ? hana_utf8_decode(text + at, length - at, &bytes) : ' ';
        if (c >= 0 && in_word(c)) {
            if (characters++ == 0) begin = at;
        } else {
            if (characters && characters >= shortest)
                HANA_TRY(add(p, text + begin, at - begin, err));
            characters = 0;
        }
        at += bytes;
    }
    return HANA_OK;
}

static hana_status cut_characters(pieces *p, const char *text, size_t length,
                                  hana_error *err)
{
    int blank = 1;
    for (size_t at = 0; at < length;) {
        size_t bytes;
        int32_t c = hana_utf8_decode(text + at, length - at, &bytes);
        int space = c >= 0 && hana_utf8_is_space(c);
        if (!space)
            HANA_TRY(add(p, text + at, bytes, err));
        else if (!blank)
            HANA_TRY(add(p, " ", 1, err));
        blank = space;
        at += bytes;
    }
    return HANA_OK;
}

hana_status hana_token_ngrams(const char *const *words, const size_t *lengths, size_t n,
                              const char *separator, const hana_token_rules *rules,
                              hana_token_fn *emit, void *context, hana_error *err)
{
    hana_text gram = { 0 };
    hana_status status = HANA_OK;
    for (size_t k = rules->from; status == HANA_OK && k <= rules->to && k <= n; k++)
        for (size_t i = 0; status == HANA_OK && i + k <= n; i++) {
            gram.length = 0;
            for (size_t m = 0; m < k; m++) {
                if (m) hana_text_puts(&gram, separator);
                hana_text_add(&gram, words[i + m], lengths[i + m]);
            }
            status = gram.failed ? hana_fail_memory(err)
                                 : emit(context, gram.data, gram.length, err);
        }
    hana_text_clear(&gram);
    return status;
}

hana_status hana_tokens(const char *text, size_t length, const hana_token_rules *rules,
                        hana_token_fn *emit, void *context, hana_error *err)
{
    hana_text lowered = { 0 };
    pieces p = { 0 };
    hana_status status = HANA_OK;
    if (rules->lower) {
        status = hana_utf8_lower(&lowered, text, length, err);
        text = lowered.data ? lowered.data : "";
        length = lowered.length;
    }
    if (status == HANA_OK)
        status = rules->characters ? cut_characters(&p, text, length, err)
                                   : cut_words(&p, text, length, rules->shortest, err);
    if (status == HANA_OK)
        status = hana_token_ngrams(p.start, p.length, p.n, rules->characters ? "" : " ",
                                   rules, emit, context, err);
    hana_free(p.start);
    hana_free(p.length);
    hana_text_clear(&lowered);
    return status;
}

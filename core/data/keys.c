#include "data/keys.h"

#include "base/radix.h"
#include "data/coding.h"

void hana_keys_clear(hana_keys *keys)
{
    hana_free(keys->words);
    hana_free(keys->bits);
    hana_free(keys->lost);
    *keys = (hana_keys){ 0 };
}

/* Bits that hold 0 .. top and, behind it, NaN and null. */
static int bits_for(uint64_t top)
{
    if (top >= UINT64_MAX - 2) return 64;
    return 64 - __builtin_clzll(top + 2);
}

/* Which word each coding goes into: as long as it has room. */
static size_t assign(int *word_of, int *bits, const hana_coding *codings, size_t n)
{
    size_t words = 0;
    for (size_t k = 0; k < n; k++) {
        int need = bits_for(codings[k].top);
        if (words == 0 || bits[words - 1] + need > 64) bits[words++] = 0;
        bits[words - 1] += need;
        word_of[k] = (int)words - 1;
    }
    return words;
}

static void pack(hana_keys *keys, const hana_coding *codings, const int *word_of,
                 size_t n, const int *descending)
{
    for (size_t k = 0; k < n; k++) {
        uint64_t *word = keys->words + (size_t)word_of[k] * keys->rows;
        const uint64_t *codes = codings[k].codes;
        uint64_t top = codings[k].top;
        int bits = bits_for(top), first = k == 0 || word_of[k] != word_of[k - 1];
        int turned = descending && descending[k];
        for (size_t i = 0; i < keys->rows; i++) {
            uint64_t code = codes[i];
            /* NaN and null are coded as the two largest numbers there are. */
            if (code >= HANA_CODE_NAN)
                code = top + 1 + (code == HANA_CODE_NULL);
            else if (turned)
                code = top - code;
            word[i] = first ? code : word[i] << bits | code;
        }
    }
}

static hana_status make(hana_keys *out, const hana_coding *codings, size_t n, size_t rows,
                        const int *descending, hana_error *err)
{
    hana_keys keys = { .rows = rows };
    int *word_of = hana_alloc(n, sizeof *word_of);
    keys.bits = hana_alloc(n, sizeof *keys.bits);
    if (word_of && keys.bits) {
        keys.n_words = assign(word_of, keys.bits, codings, n);
        if (rows == 0 || keys.n_words <= SIZE_MAX / rows) {
            keys.words = hana_alloc(keys.n_words * rows, sizeof *keys.words);
        }
    }
    if (!keys.words) {
        hana_free(word_of);
        hana_keys_clear(&keys);
        return hana_fail_memory(err);
    }
    pack(&keys, codings, word_of, n, descending);
    hana_free(word_of);
    *out = keys;
    return HANA_OK;
}

static void free_codings(hana_coding *codings, size_t n)
{
    for (size_t k = 0; codings && k < n; k++) hana_free(codings[k].codes);
    hana_free(codings);
}

hana_status hana_keys_make(hana_keys *out, const hana_frame *frame,
                           const hana_names *names, const int *descending, int ordered,
                           hana_error *err)
{
    hana_coding *codings = hana_alloc_zero(names->n, sizeof *codings);
    if (!codings) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t k = 0; k < names->n; k++) {
        const hana_column *column;
        HANA_GOTO(done, hana_frame_get(&column, frame, names->items[k], err));
        HANA_GOTO(done,
                  hana_coding_make(&codings[k], column, names->items[k], ordered, err));
    }
    status = make(out, codings, names->n, hana_frame_rows(frame), descending, err);
done:
    free_codings(codings, names->n);
    return status;
}

/* Rows that cannot match: a null or a value that the other side does not have. */
static hana_status mark_lost(hana_keys *keys, const hana_coding *codings, size_t n,
                             hana_error *err)
{
    keys->lost = hana_alloc_zero(keys->rows, 1);
    if (!keys->lost) return hana_fail_memory(err);
    for (size_t k = 0; k < n; k++) {
        const uint64_t *codes = codings[k].codes;
        for (size_t i = 0; i < keys->rows; i++)
            keys->lost[i] |= codes[i] == HANA_CODE_NULL;
    }
    return HANA_OK;
}

hana_status hana_keys_make_pair(hana_keys *left_out, hana_keys *right_out,
                                const hana_frame *left, const hana_frame *right,
                                const hana_names *left_on, const hana_names *right_on,
                                hana_error *err)
{
    size_t n = left_on->n;
    hana_keys a = { 0 }, b = { 0 };
    hana_coding *left_codings = hana_alloc_zero(n, sizeof *left_codings);
    hana_coding *right_codings = hana_alloc_zero(n, sizeof *right_codings);
    hana_status status = HANA_OK;
    if (!left_codings || !right_codings) {
        status = hana_fail_memory(err);
        goto done;
    }
    for (size_t k = 0; k < n; k++) {
        const hana_column *x, *y;
        HANA_GOTO(done, hana_frame_get(&x, left, left_on->items[k], err));
        HANA_GOTO(done, hana_frame_get(&y, right, right_on->items[k], err));
        HANA_GOTO(done,
                  hana_coding_make_pair(&left_codings[k], &right_codings[k], x, y,
                                        left_on->items[k], right_on->items[k], err));
    }
    HANA_GOTO(done, make(&a, left_codings, n, hana_frame_rows(left), NULL, err));
    HANA_GOTO(done, make(&b, right_codings, n, hana_frame_rows(right), NULL, err));
    HANA_GOTO(done, mark_lost(&a, left_codings, n, err));
    HANA_GOTO(done, mark_lost(&b, right_codings, n, err));
    *left_out = a;
    *right_out = b;
    a = b = (hana_keys){ 0 };
done:
    free_codings(left_codings, n);
    free_codings(right_codings, n);
    hana_keys_clear(&a);
    hana_keys_clear(&b);
    return status;
}

hana_status hana_keys_sort(size_t *rows, size_t n, const hana_keys *keys, hana_job *job,
                           hana_error *err)
{
    uint64_t *words = hana_alloc(n, sizeof *words);
    hana_status status = words ? HANA_OK : hana_fail_memory(err);
    /* Stable sorts by one word after the other, the last one first. */
    for (size_t w = keys->n_words; w-- > 0 && status == HANA_OK;) {
        const uint64_t *word = keys->words + w * keys->rows;
        for (size_t i = 0; i < n; i++) words[i] = word[rows[i]];
        status = hana_radix_sort(words, rows, n, err);
        if (status == HANA_OK) status = hana_job_check(job, err);
    }
    hana_free(words);
    return status;
}

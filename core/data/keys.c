#include "data/keys.h"

#include "base/parallel.h"
#include "base/radix.h"
#include "data/coding.h"

#include <string.h>

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

/* One key, whose codes become the word where they stand, or one of several. */
typedef struct packing {
    uint64_t *word;
    const uint64_t *codes;
    uint64_t top;
    size_t rows;
    int bits, first, turned;
} packing;

enum { BLOCK_ROWS = 1 << 16 };

static hana_status pack_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const packing *p = context;
    size_t from = block * BLOCK_ROWS,
           to = p->rows - from < BLOCK_ROWS ? p->rows : from + BLOCK_ROWS;
    for (size_t i = from; i < to; i++) {
        uint64_t code = p->codes[i];
        /* NaN and null are coded as the two largest numbers there are. */
        if (code >= HANA_CODE_NAN)
            code = p->top + 1 + (code == HANA_CODE_NULL);
        else if (p->turned)
            code = p->top - code;
        p->word[i] = p->first ? code : p->word[i] << p->bits | code;
    }
    return HANA_OK;
}

static hana_status pack(hana_keys *keys, const hana_coding *codings, const int *word_of,
                        size_t n, const int *descending, hana_error *err)
{
    size_t blocks = (keys->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    for (size_t k = 0; k < n; k++) {
        packing p = { .word = keys->words + (size_t)word_of[k] * keys->rows,
                      .codes = codings[k].codes,
                      .top = codings[k].top,
                      .rows = keys->rows,
                      .bits = bits_for(codings[k].top),
                      .first = k == 0 || word_of[k] != word_of[k - 1],
                      .turned = descending && descending[k] };
        HANA_TRY(hana_parallel(hana_job_current(), blocks, pack_block, &p, err));
    }
    return HANA_OK;
}

/* The codes of a single key are taken over. */
static hana_status make(hana_keys *out, hana_coding *codings, size_t n, size_t rows,
                        const int *descending, hana_error *err)
{
    hana_keys keys = { .rows = rows };
    int *word_of = hana_alloc(n, sizeof *word_of);
    keys.bits = hana_alloc(n, sizeof *keys.bits);
    if (word_of && keys.bits) {
        keys.n_words = assign(word_of, keys.bits, codings, n);
        if (n == 1) {
            keys.words = codings[0].codes;
        } else if (rows == 0 || keys.n_words <= SIZE_MAX / rows) {
            keys.words = hana_alloc(keys.n_words * rows, sizeof *keys.words);
        }
    }
    hana_status status = keys.words ? pack(&keys, codings, word_of, n, descending, err)
                                    : hana_fail_memory(err);
    hana_free(word_of);
    if (keys.words && n == 1) codings[0].codes = NULL;
    if (status != HANA_OK) {
        hana_keys_clear(&keys);
        return status;
    }
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

/* Rows that cannot match: a null or a value that the other side does not have. NULL when
   there are none. */
static hana_status find_lost(uint8_t **out, const hana_coding *codings, size_t n,
                             size_t rows, hana_error *err)
{
    uint8_t *lost = NULL;
    for (size_t k = 0; k < n; k++) {
        const uint64_t *codes = codings[k].codes;
        for (size_t i = 0; i < rows; i++) {
            if (codes[i] != HANA_CODE_NULL) continue;
            if (!lost) lost = hana_alloc_zero(rows, 1);
            if (!lost) return hana_fail_memory(err);
            lost[i] = 1;
        }
    }
    *out = lost;
    return HANA_OK;
}

hana_status hana_keys_make_pair(hana_keys *left_out, hana_keys *right_out,
                                const hana_frame *left, const hana_frame *right,
                                const hana_names *left_on, const hana_names *right_on,
                                hana_error *err)
{
    size_t n = left_on->n;
    hana_keys a = { 0 }, b = { 0 };
    uint8_t *left_lost = NULL, *right_lost = NULL;
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
    HANA_GOTO(done, find_lost(&left_lost, left_codings, n, hana_frame_rows(left), err));
    HANA_GOTO(done,
              find_lost(&right_lost, right_codings, n, hana_frame_rows(right), err));
    HANA_GOTO(done, make(&a, left_codings, n, hana_frame_rows(left), NULL, err));
    HANA_GOTO(done, make(&b, right_codings, n, hana_frame_rows(right), NULL, err));
    a.lost = left_lost;
    b.lost = right_lost;
    left_lost = right_lost = NULL;
    *left_out = a;
    *right_out = b;
    a = b = (hana_keys){ 0 };
done:
    hana_free(left_lost);
    hana_free(right_lost);
    free_codings(left_codings, n);
    free_codings(right_codings, n);
    hana_keys_clear(&a);
    hana_keys_clear(&b);
    return status;
}

/* to[i] = from[at[i]]. */
typedef struct taking {
    uint64_t *to;
    const uint64_t *from;
    const size_t *at;
    size_t n;
} taking;

static hana_status take_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const taking *t = context;
    size_t from = block * BLOCK_ROWS,
           to = t->n - from < BLOCK_ROWS ? t->n : from + BLOCK_ROWS;
    for (size_t i = from; i < to; i++) t->to[i] = t->from[t->at[i]];
    return HANA_OK;
}

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "rows are taken as words are");

hana_status hana_keys_sort(size_t *rows, size_t n, const hana_keys *keys, hana_job *job,
                           hana_error *err)
{
    size_t blocks = (n + BLOCK_ROWS - 1) / BLOCK_ROWS;
    size_t *old = hana_alloc(n, sizeof *old);
    hana_status status = old ? HANA_OK : hana_fail_memory(err);
    /* Stable sorts by one word after the other, the last one first. */
    for (size_t w = keys->n_words; w-- > 0 && status == HANA_OK;) {
        const uint64_t *word = keys->words + w * keys->rows;
        uint64_t *words = hana_alloc(n, sizeof *words);
        if (!words) HANA_GOTO(done, hana_fail_memory(err));
        taking t = { .to = words, .from = word, .at = rows, .n = n };
        status = hana_parallel(job, blocks, take_block, &t, err);
        size_t *order;
        if (status == HANA_OK) status = hana_radix_order(&order, words, n, job, err);
        if (status != HANA_OK) {
            hana_free(words);
            break;
        }
        memcpy(old, rows, n * sizeof *old);
        t = (taking){ .to = rows, .from = old, .at = order, .n = n };
        status = hana_parallel(job, blocks, take_block, &t, err);
        hana_free(order);
    }
done:
    hana_free(old);
    return status;
}

hana_status hana_keys_order(size_t **rows, hana_keys *keys, hana_job *job,
                            hana_error *err)
{
    size_t n = keys->rows;
    if (keys->n_words == 1) {
        HANA_TRY(hana_radix_order(rows, keys->words, n, job, err));
        keys->words = NULL;
        return HANA_OK;
    }
    size_t *order = hana_alloc(n, sizeof *order);
    if (!order) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) order[i] = i;
    hana_status status = hana_keys_sort(order, n, keys, job, err);
    if (status != HANA_OK) {
        hana_free(order);
        return status;
    }
    *rows = order;
    return HANA_OK;
}

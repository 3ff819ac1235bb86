#include "radix.h"

#include "memory.h"
#include "parallel.h"

/* Keys become words: the key above, the number of its row below, so that half of the
   memory is moved. Words are dealt out by their upper bits to shares that fit the cache,
   which are sorted by the other bits, all by several threads. Where key and row need more
   than 63 bits, the lowest bits of the key are left out, and rows whose words agree are
   sorted by the keys themselves. */

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "words become numbers of rows");

enum {
    BLOCK_ROWS = 1 << 16,
    MOST_BITS = 11, /* of a digit */
    MOST_DIGITS = 1 << MOST_BITS,
    SHARE_BITS = 13,       /* 2^SHARE_BITS words fit the cache */
    LARGE_SHARE = 1 << 19, /* worth all threads */
    SEGMENTS = 16,         /* parts of the words that are dealt out side by side */
    WORD_BITS = 63,
    FEW = 48
};

static int width_of(uint64_t x)
{
    return x ? 64 - __builtin_clzll(x) : 0;
}

static size_t segments_of(size_t n)
{
    return n / BLOCK_ROWS + 1 < SEGMENTS ? n / BLOCK_ROWS + 1 : SEGMENTS;
}

static size_t segment_begin(size_t n, size_t segment)
{
    size_t segments = segments_of(n), rest = n % segments;
    return n / segments * segment + (segment < rest ? segment : rest);
}

static void insert(uint64_t *words, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t word = words[i];
        size_t j = i;
        for (; j > 0 && words[j - 1] > word; j--) words[j] = words[j - 1];
        words[j] = word;
    }
}

/* One stable pass by the bits shift .. shift + bits - 1. */
static void pass(uint64_t *to, const uint64_t *from, size_t n, int shift, int bits)
{
    size_t start[MOST_DIGITS], digits = (size_t)1 << bits, mask = digits - 1, sum = 0;
    memset(start, 0, digits * sizeof *start);
    for (size_t i = 0; i < n; i++) start[from[i] >> shift & mask]++;
    for (size_t d = 0; d < digits; d++) {
        size_t here = start[d];
        start[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++) to[start[from[i] >> shift & mask]++] = from[i];
}

/* Sorts words[0..n) by the bits low .. high - 1, the least significant digit first, with
   other[0..n) to move to and fro; where the result is wanted, `in_other` says. Words that
   agree in these bits keep their order, which is that of their lower bits. */
static void sort_share(uint64_t *words, uint64_t *other, size_t n, int low, int high,
                       int in_other)
{
    if (n <= FEW) {
        insert(words, n);
        if (in_other) memcpy(other, words, n * sizeof *words);
        return;
    }
    int passes = (high - low + MOST_BITS - 1) / MOST_BITS;
    uint64_t *from = words, *to = other;
    for (int left = passes; left > 0; left--) {
        int bits = (high - low + left - 1) / left;
        pass(to, from, n, low, bits);
        uint64_t *keep = from;
        from = to;
        to = keep;
        low += bits;
    }
    uint64_t *wanted = in_other ? other : words;
    if (from != wanted) memcpy(wanted, from, n * sizeof *words);
}

/* Words that all threads deal out by one digit. */
typedef struct dealing {
    uint64_t *from, *to;
    size_t n, *starts;         /* segments x digits */
    int low, shift, bits;      /* the digit: `bits` from number `shift` on */
    int in_from;               /* where the sorted words are wanted */
    uint64_t differ[SEGMENTS]; /* bits in which words differ from the first */
} dealing;

static size_t digit(const dealing *d, uint64_t word)
{
    return (size_t)(word >> d->shift) & (((size_t)1 << d->bits) - 1);
}

static hana_status find_differing(void *context, size_t segment, int worker,
                                  hana_error *err)
{
    (void)worker, (void)err;
    dealing *d = context;
    uint64_t differ = 0, first = d->from[0];
    size_t end = segment_begin(d->n, segment + 1);
    for (size_t i = segment_begin(d->n, segment); i < end; i++)
        differ |= d->from[i] ^ first;
    d->differ[segment] = differ;
    return HANA_OK;
}

static hana_status count_digits(void *context, size_t segment, int worker,
                                hana_error *err)
{
    (void)worker, (void)err;
    const dealing *d = context;
    size_t *count = d->starts + (segment << d->bits);
    size_t end = segment_begin(d->n, segment + 1);
    memset(count, 0, sizeof *count << d->bits);
    for (size_t i = segment_begin(d->n, segment); i < end; i++)
        count[digit(d, d->from[i])]++;
    return HANA_OK;
}

/* Counts to places: digit by digit, within a digit segment by segment. */
static void count_to_starts(const dealing *d)
{
    size_t sum = 0, segments = segments_of(d->n);
    for (size_t k = 0; k < (size_t)1 << d->bits; k++)
        for (size_t s = 0; s < segments; s++) {
            size_t *count = &d->starts[(s << d->bits) + k], here = *count;
            *count = sum;
            sum += here;
        }
}

static hana_status deal_out(void *context, size_t segment, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const dealing *d = context;
    size_t *start = d->starts + (segment << d->bits);
    size_t end = segment_begin(d->n, segment + 1);
    for (size_t i = segment_begin(d->n, segment); i < end; i++)
        d->to[start[digit(d, d->from[i])]++] = d->from[i];
    return HANA_OK;
}

/* The words with one digit: after dealing out, the last segment's place of a digit is
   where the next begins. */
static size_t share_of(const dealing *d, size_t share, size_t *n)
{
    const size_t *ends = d->starts + ((segments_of(d->n) - 1) << d->bits);
    size_t from = share ? ends[share - 1] : 0;
    *n = ends[share] - from;
    return from;
}

static hana_status sort_small(void *context, size_t share, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const dealing *d = context;
    size_t n, at = share_of(d, share, &n);
    if (n < LARGE_SHARE)
        sort_share(d->to + at, d->from + at, n, d->low, d->shift, d->in_from);
    return HANA_OK;
}

static hana_status sort_words(uint64_t *words, uint64_t *other, size_t n, int low,
                              int in_other, hana_job *job, hana_error *err);

static hana_status sort_shares(dealing *d, hana_job *job, hana_error *err)
{
    size_t shares = (size_t)1 << d->bits;
    HANA_TRY(hana_parallel(job, shares, sort_small, d, err));
    for (size_t share = 0; share < shares; share++) {
        size_t n, at = share_of(d, share, &n);
        if (n >= LARGE_SHARE)
            HANA_TRY(
                sort_words(d->to + at, d->from + at, n, d->low, d->in_from, job, err));
    }
    return HANA_OK;
}

/* Like sort_share, by all bits from `low` on. */
static hana_status sort_words(uint64_t *words, uint64_t *other, size_t n, int low,
                              int in_other, hana_job *job, hana_error *err)
{
    dealing d = { .from = words, .to = other, .n = n, .low = low, .in_from = !in_other };
    size_t segments = segments_of(n);
    uint64_t differ = 0;
    HANA_TRY(hana_parallel(job, segments, find_differing, &d, err));
    for (size_t s = 0; s < segments; s++) differ |= d.differ[s];
    int high = width_of(differ >> low) + low;
    d.bits = width_of(n >> SHARE_BITS);
    if (d.bits > MOST_BITS) d.bits = MOST_BITS;
    if (d.bits > high - low) d.bits = high - low;
    if (d.bits == 0) {
        sort_share(words, other, n, low, high, in_other);
        return HANA_OK;
    }
    d.shift = high - d.bits;
    d.starts = hana_alloc(segments << d.bits, sizeof *d.starts);
    if (!d.starts) return hana_fail_memory(err);
    hana_status status = hana_parallel(job, segments, count_digits, &d, err);
    if (status == HANA_OK) {
        count_to_starts(&d);
        status = hana_parallel(job, segments, deal_out, &d, err);
    }
    if (status == HANA_OK) status = sort_shares(&d, job, err);
    hana_free(d.starts);
    return status;
}

typedef struct ordering {
    uint64_t *keys, *words, *other;
    size_t n, blocks;
    uint64_t least[SEGMENTS], most[SEGMENTS]; /* of the keys */
    int row_bits, dropped;                    /* dropped: bits of the key left out */
    size_t *begins; /* of the first run of each block, and the end of all */
} ordering;

static hana_status find_range(void *context, size_t segment, int worker, hana_error *err)
{
    (void)worker, (void)err;
    ordering *o = context;
    uint64_t least = UINT64_MAX, most = 0;
    size_t end = segment_begin(o->n, segment + 1);
    for (size_t i = segment_begin(o->n, segment); i < end; i++) {
        least = o->keys[i] < least ? o->keys[i] : least;
        most = o->keys[i] > most ? o->keys[i] : most;
    }
    o->least[segment] = least;
    o->most[segment] = most;
    return HANA_OK;
}

static void plan(ordering *o)
{
    for (size_t s = 1; s < segments_of(o->n); s++) {
        if (o->least[s] < o->least[0]) o->least[0] = o->least[s];
        if (o->most[s] > o->most[0]) o->most[0] = o->most[s];
    }
    int bits = width_of(o->most[0] - o->least[0]);
    o->row_bits = o->n > 1 ? width_of(o->n - 1) : 1;
    o->dropped = bits + o->row_bits > WORD_BITS ? bits + o->row_bits - WORD_BITS : 0;
}

static uint64_t rows_mask(const ordering *o)
{
    return (UINT64_C(1) << o->row_bits) - 1;
}

static size_t block_end(const ordering *o, size_t block)
{
    return block + 1 < o->blocks ? (block + 1) * BLOCK_ROWS : o->n;
}

static hana_status make_words(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const ordering *o = context;
    for (size_t i = block * BLOCK_ROWS, end = block_end(o, block); i < end; i++)
        o->words[i] = (o->keys[i] - o->least[0]) >> o->dropped << o->row_bits | i;
    return HANA_OK;
}

static hana_status words_to_rows(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const ordering *o = context;
    uint64_t rows = rows_mask(o);
    for (size_t i = block * BLOCK_ROWS, end = block_end(o, block); i < end; i++)
        o->words[i] &= rows;
    return HANA_OK;
}

/* The bits of the key that its word lacks. */
static uint64_t rest_of(const ordering *o, uint64_t word)
{
    return (o->keys[word & rows_mask(o)] - o->least[0]) &
           ((UINT64_C(1) << o->dropped) - 1);
}

static void insert_by_key(const ordering *o, uint64_t *run, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t word = run[i], rest = rest_of(o, word);
        size_t j = i;
        for (; j > 0 && rest_of(o, run[j - 1]) > rest; j--) run[j] = run[j - 1];
        run[j] = word;
    }
}

/* Sorts a run of rows whose words agree in the key by the rest of it, as words of that
   and the place in the run. */
static hana_status sort_run(const ordering *o, uint64_t *run, size_t n, hana_error *err)
{
    int place_bits = width_of(n - 1);
    uint64_t *words = hana_alloc(3 * n, sizeof *words), differ = 0;
    if (!words) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        words[i] = rest_of(o, run[i]) << place_bits | i;
        differ |= words[i] ^ words[0];
    }
    int high = width_of(differ);
    if (high > place_bits) {
        uint64_t *sorted = words + n, *old = words + 2 * n;
        uint64_t places = (UINT64_C(1) << place_bits) - 1;
        sort_share(words, sorted, n, place_bits, high, 1);
        memcpy(old, run, n * sizeof *old);
        for (size_t i = 0; i < n; i++) run[i] = old[sorted[i] & places];
    }
    hana_free(words);
    return HANA_OK;
}

static int begins_run(const ordering *o, size_t i)
{
    return i == 0 || i == o->n ||
           o->words[i] >> o->row_bits != o->words[i - 1] >> o->row_bits;
}

static hana_status find_runs(ordering *o, hana_error *err)
{
    o->begins = hana_alloc(o->blocks + 1, sizeof *o->begins);
    if (!o->begins) return hana_fail_memory(err);
    o->begins[o->blocks] = o->n;
    for (size_t block = o->blocks; block-- > 0;) {
        size_t i = block * BLOCK_ROWS, end = block_end(o, block);
        while (i < end && !begins_run(o, i)) i++;
        o->begins[block] = i < end ? i : o->begins[block + 1];
    }
    return HANA_OK;
}

/* Runs that begin in the block. */
static hana_status sort_runs(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker;
    const ordering *o = context;
    for (size_t i = o->begins[block], next; i < o->begins[block + 1]; i = next) {
        next = i + 1;
        while (next < o->begins[block + 1] && !begins_run(o, next)) next++;
        if (next - i <= FEW)
            insert_by_key(o, o->words + i, next - i);
        else
            HANA_TRY(sort_run(o, o->words + i, next - i, err));
    }
    return HANA_OK;
}

static hana_status order(ordering *o, hana_job *job, hana_error *err)
{
    HANA_TRY(hana_parallel(job, segments_of(o->n), find_range, o, err));
    plan(o);
    o->other = hana_alloc(o->n, sizeof *o->other);
    if (o->dropped) o->words = hana_alloc(o->n, sizeof *o->words);
    if (!o->other || !o->words) return hana_fail_memory(err);
    HANA_TRY(hana_parallel(job, o->blocks, make_words, o, err));
    HANA_TRY(sort_words(o->words, o->other, o->n, o->row_bits, 0, job, err));
    if (o->dropped) {
        HANA_TRY(find_runs(o, err));
        HANA_TRY(hana_parallel(job, o->blocks, sort_runs, o, err));
    }
    return hana_parallel(job, o->blocks, words_to_rows, o, err);
}

hana_status hana_radix_order(size_t **out, uint64_t *keys, size_t n, hana_job *job,
                             hana_error *err)
{
    ordering o = { .keys = keys, .words = keys, .n = n };
    o.blocks = (n + BLOCK_ROWS - 1) / BLOCK_ROWS;
    hana_status status = n > 0 ? order(&o, job, err) : HANA_OK;
    hana_free(o.other);
    hana_free(o.begins);
    if (o.words != keys) hana_free(status == HANA_OK ? keys : o.words);
    if (status == HANA_OK) *out = (size_t *)o.words;
    return status;
}

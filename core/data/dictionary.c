#include "data/dictionary.h"

#include "base/job.h"
#include "base/random.h"
#include "data/column_parts.h"
#include "data/text_order.h"

#include <string.h>

/* Open addressing with linear steps; at most half full. A slot holds 1 + the text's
   number, its first eight bytes, and upper bits of its hash with its length in the lowest
   five (31: that or more). The last eight bytes of each text stand in an array: texts of
   up to sixteen bytes are compared without being looked at, and most misses never touch a
   longer one. */
typedef struct slot {
    uint64_t start;
    uint32_t tag, number;
} slot;

/* A text that is looked for. */
typedef struct key {
    const char *text;
    size_t length;
    uint64_t start, end, hash;
} key;

struct hana_dictionary {
    slot *slots;
    size_t mask;
    size_t n, capacity;
    int64_t *offsets; /* capacity + 1 */
    uint64_t *ends;   /* capacity */
    char *text;
    size_t text_capacity;
};

enum { FIRST_SLOTS = 64, FIRST_TEXTS = 16, FIRST_BYTES = 256 };

hana_status hana_dictionary_new(hana_dictionary **out, hana_error *err)
{
    hana_dictionary *d = hana_alloc_zero(1, sizeof *d);
    if (!d) return hana_fail_memory(err);
    d->slots = hana_alloc_zero(FIRST_SLOTS, sizeof *d->slots);
    d->mask = FIRST_SLOTS - 1;
    d->offsets = hana_alloc_zero(FIRST_TEXTS + 1, sizeof *d->offsets);
    d->ends = hana_alloc(FIRST_TEXTS, sizeof *d->ends);
    d->capacity = FIRST_TEXTS;
    d->text = hana_alloc(FIRST_BYTES, 1);
    d->text_capacity = FIRST_BYTES;
    if (!d->slots || !d->offsets || !d->ends || !d->text) {
        hana_dictionary_free(d);
        return hana_fail_memory(err);
    }
    *out = d;
    return HANA_OK;
}

void hana_dictionary_free(hana_dictionary *d)
{
    if (!d) return;
    hana_free(d->slots);
    hana_free(d->offsets);
    hana_free(d->ends);
    hana_free(d->text);
    hana_free(d);
}

size_t hana_dictionary_size(const hana_dictionary *d)
{
    return d->n;
}

const char *hana_dictionary_text(const hana_dictionary *d, int32_t code, size_t *length)
{
    *length = (size_t)(d->offsets[code + 1] - d->offsets[code]);
    return d->text + d->offsets[code];
}

/* The first eight bytes as a number; different for different texts of one length below.
 */
static uint64_t start_of(const char *text, size_t length)
{
    uint64_t word = 0;
    if (length >= 8) {
        memcpy(&word, text, 8);
    } else if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
        word = first | (uint64_t)last << 32;
    } else if (length > 0) {
        word = (unsigned char)text[0] | (uint64_t)(unsigned char)text[length / 2] << 8 |
               (uint64_t)(unsigned char)text[length - 1] << 16;
    }
    return word;
}

/* The last eight bytes; 0 for a text that its start tells whole. */
static uint64_t end_of(const char *text, size_t length)
{
    uint64_t word = 0;
    if (length > 8) memcpy(&word, text + length - 8, 8);
    return word;
}

static key key_of(const char *text, size_t length)
{
    key k = { .text = text,
              .length = length,
              .start = start_of(text, length),
              .end = end_of(text, length) };
    if (length <= 16)
        k.hash = hana_hash_mix(k.start + k.end * UINT64_C(0xd6e8feb86659fd93) +
                               length * UINT64_C(0x9e3779b97f4a7c15));
    else
        k.hash = hana_hash(text, length, 0);
    return k;
}

static slot slot_of(key k, size_t number)
{
    enum { LONG = 31 };
    uint32_t length = k.length < LONG ? (uint32_t)k.length : LONG;
    return (slot){ .start = k.start,
                   .tag = ((uint32_t)(k.hash >> 32) & ~UINT32_C(31)) | length,
                   .number = (uint32_t)number };
}

static int same_middle(const hana_dictionary *d, key k, uint32_t number)
{
    size_t have;
    const char *other = hana_dictionary_text(d, (int32_t)number, &have);
    return have == k.length && memcmp(other + 8, k.text + 8, k.length - 16) == 0;
}

/* The slot of the text, or the empty one where it belongs. */
static size_t seek(const hana_dictionary *d, key k)
{
    slot want = slot_of(k, 0);
    for (size_t i = k.hash & d->mask;; i = (i + 1) & d->mask) {
        slot s = d->slots[i];
        if (s.number == 0) return i;
        if (s.start != want.start || s.tag != want.tag) continue;
        if (k.length <= 8) return i;
        if (d->ends[s.number - 1] != k.end) continue;
        if (k.length <= 16 || same_middle(d, k, s.number - 1)) return i;
    }
}

static hana_status grow_slots(hana_dictionary *d, hana_error *err)
{
    size_t n = (d->mask + 1) * 4;
    slot *slots = hana_alloc_zero(n, sizeof *slots);
    if (!slots) return hana_fail_memory(err);
    for (size_t code = 0; code < d->n; code++) {
        size_t length;
        hana_status status = hana_poll(code, err);
        if (status != HANA_OK) {
            hana_free(slots);
            return status;
        }
        const char *text = hana_dictionary_text(d, (int32_t)code, &length);
        key k = key_of(text, length);
        size_t i = k.hash & (n - 1);
        while (slots[i].number != 0) i = (i + 1) & (n - 1);
        slots[i] = slot_of(k, code + 1);
    }
    hana_free(d->slots);
    d->slots = slots;
    d->mask = n - 1;
    return HANA_OK;
}

static hana_status grow_texts(hana_dictionary *d, size_t length, hana_error *err)
{
    if (d->n == d->capacity) {
        int64_t *offsets = hana_realloc(d->offsets, 2 * d->capacity + 1, sizeof *offsets);
        if (!offsets) return hana_fail_memory(err);
        d->offsets = offsets;
        uint64_t *ends = hana_realloc(d->ends, 2 * d->capacity, sizeof *ends);
        if (!ends) return hana_fail_memory(err);
        d->ends = ends;
        d->capacity *= 2;
    }
    size_t used = (size_t)d->offsets[d->n];
    if (d->text_capacity - used < length) {
        char *text = hana_realloc(d->text, 2 * d->text_capacity + length, 1);
        if (!text) return hana_fail_memory(err);
        d->text = text;
        d->text_capacity = 2 * d->text_capacity + length;
    }
    return HANA_OK;
}

static hana_status code_of(int32_t *out, hana_dictionary *d, key k, hana_error *err)
{
    size_t i = seek(d, k);
    if (d->slots[i].number != 0) {
        *out = (int32_t)(d->slots[i].number - 1);
        return HANA_OK;
    }
    if (d->n == INT32_MAX)
        return hana_fail(err, HANA_BAD_DATA, "more than %d distinct texts", INT32_MAX);
    if (2 * (d->n + 1) > d->mask) {
        HANA_TRY(grow_slots(d, err));
        i = seek(d, k);
    }
    HANA_TRY(grow_texts(d, k.length, err));
    if (k.length) memcpy(d->text + d->offsets[d->n], k.text, k.length);
    d->offsets[d->n + 1] = d->offsets[d->n] + (int64_t)k.length;
    d->ends[d->n] = k.end;
    d->slots[i] = slot_of(k, d->n + 1);
    *out = (int32_t)d->n++;
    return HANA_OK;
}

hana_status hana_dictionary_code(int32_t *out, hana_dictionary *d, const char *text,
                                 size_t length, hana_error *err)
{
    return code_of(out, d, key_of(text, length), err);
}

int32_t hana_dictionary_find(const hana_dictionary *d, const char *text, size_t length)
{
    return (int32_t)d->slots[seek(d, key_of(text, length))].number - 1;
}

/* Codes of the texts from .. to - 1 that offsets cut; nulls may be NULL. Slots are
   fetched some texts ahead: they lie all over the memory. */
static hana_status codes_of(int32_t *out, hana_dictionary *d, const char *text,
                            const int64_t *offsets, const hana_column *nulls, size_t from,
                            size_t to, hana_error *err)
{
    enum { AHEAD = 16 };
    key keys[AHEAD];
    for (size_t at = from; at < to; at += AHEAD) {
        size_t n = to - at < AHEAD ? to - at : AHEAD;
        HANA_TRY(hana_poll(at - from, err));
        for (size_t k = 0; k < n; k++) {
            size_t i = at + k;
            keys[k] = key_of(text + offsets[i], (size_t)(offsets[i + 1] - offsets[i]));
            __builtin_prefetch(&d->slots[keys[k].hash & d->mask]);
        }
        for (size_t k = 0; k < n; k++) {
            uint32_t number = d->slots[keys[k].hash & d->mask].number;
            if (number && keys[k].length > 8) __builtin_prefetch(&d->ends[number - 1]);
        }
        for (size_t k = 0; k < n; k++) {
            out[at + k - from] = -1;
            if (!nulls || !hana_null_at(nulls, at + k))
                HANA_TRY(code_of(&out[at + k - from], d, keys[k], err));
        }
    }
    return HANA_OK;
}

hana_status hana_dictionary_codes(int32_t *out, hana_dictionary *d,
                                  const hana_column *strings, size_t from, size_t to,
                                  hana_error *err)
{
    return codes_of(out, d, strings->text, hana_ints_of(strings), strings, from, to, err);
}

hana_status hana_dictionary_unite(int32_t *out, hana_dictionary *d,
                                  const hana_dictionary *other, hana_error *err)
{
    return codes_of(out, d, other->text, other->offsets, NULL, 0, other->n, err);
}

hana_status hana_dictionary_order(size_t **order, const hana_dictionary *d,
                                  hana_error *err)
{
    return hana_text_order(order, d->text, d->offsets, d->n, err);
}

hana_status hana_dictionary_add_column(hana_dictionary *d, const hana_column *strings,
                                       hana_error *err)
{
    for (size_t i = 0; i < strings->length; i++) {
        HANA_TRY(hana_poll(i, err));
        if (hana_null_at(strings, i)) continue;
        size_t length;
        const char *text = hana_column_string(strings, i, &length);
        int32_t code;
        HANA_TRY(hana_dictionary_code(&code, d, text, length, err));
    }
    return HANA_OK;
}

hana_status hana_dictionary_column(hana_column **out, const hana_dictionary *d,
                                   hana_error *err)
{
    hana_column *column;
    HANA_TRY(hana_column_make(&column, HANA_STRING, d->n, err));
    hana_status status;
    void *offsets;
    char *text;
    size_t bytes = (size_t)d->offsets[d->n];
    HANA_GOTO(failed, hana_column_room(&offsets, column, d->n + 1, sizeof(int64_t), err));
    HANA_GOTO(failed, hana_column_text_room(&text, column, bytes, err));
    memcpy(offsets, d->offsets, (d->n + 1) * sizeof(int64_t));
    memcpy(text, d->text, bytes);
    *out = column;
    return HANA_OK;
failed:
    hana_column_release(column);
    return status;
}

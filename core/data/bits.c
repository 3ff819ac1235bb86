#include "data/bits.h"

#include <string.h>

/* The n (1 to 8) lowest bits of a byte. */
static unsigned low(size_t n)
{
    return 0xffu >> (8 - n);
}

size_t hana_bits_count(const uint8_t *bits, size_t n)
{
    size_t total = 0, bytes = n / 8, b = 0;
    for (; b + 8 <= bytes; b += 8) {
        uint64_t word;
        memcpy(&word, bits + b, 8);
        total += (size_t)__builtin_popcountll(word);
    }
    for (; b < bytes; b++) total += (size_t)__builtin_popcount(bits[b]);
    if (n % 8) total += (size_t)__builtin_popcount(bits[bytes] & low(n % 8));
    return total;
}

void hana_bits_copy(uint8_t *to, const uint8_t *from, size_t from_bit, size_t n)
{
    if (n == 0) return;
    from += from_bit / 8;
    unsigned shift = from_bit % 8;
    size_t bytes = (n + 7) / 8, source_bytes = (shift + n + 7) / 8;
    if (shift == 0) {
        memcpy(to, from, bytes);
    } else {
        size_t b = 0;
        for (; b + 1 < source_bytes && b < bytes; b++)
            to[b] = (uint8_t)(from[b] >> shift | from[b + 1] << (8 - shift));
        if (b < bytes) to[b] = (uint8_t)(from[b] >> shift);
    }
    if (n % 8) to[bytes - 1] = (uint8_t)(to[bytes - 1] & low(n % 8));
}

void hana_bits_append(uint8_t *to, size_t to_bit, const uint8_t *from, size_t n)
{
    if (n == 0) return;
    to += to_bit / 8;
    unsigned shift = to_bit % 8;
    size_t bytes = (n + 7) / 8, room = (shift + n + 7) / 8;
    for (size_t b = 0; b < bytes; b++) {
        unsigned byte = from ? from[b] : 0xffu;
        if (b + 1 == bytes && n % 8) byte &= low(n % 8);
        to[b] = (uint8_t)(to[b] | byte << shift);
        if (b + 1 < room) to[b + 1] = (uint8_t)(byte >> (8 - shift));
    }
}

void hana_bits_fill(uint8_t *to, size_t n)
{
    memset(to, 0xff, n / 8);
    if (n % 8) to[n / 8] = (uint8_t)low(n % 8);
}

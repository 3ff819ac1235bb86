#ifndef HANA_DATA_BITS_H
#define HANA_DATA_BITS_H

#include <stddef.h>
#include <stdint.h>

/* Bitmaps, least significant bit first. Bits behind the last one are 0 in all that is
 * written. */

/* How many of the first n are 1. */
size_t hana_bits_count(const uint8_t *bits, size_t n);
/* to[0..n) = from[from_bit .. from_bit + n). */
void hana_bits_copy(uint8_t *to, const uint8_t *from, size_t from_bit, size_t n);
/* to[to_bit .. to_bit + n) = from[0..n), or ones when from is NULL. What `to` holds from
   to_bit on must be 0. */
void hana_bits_append(uint8_t *to, size_t to_bit, const uint8_t *from, size_t n);
/* The first n are 1. */
void hana_bits_fill(uint8_t *to, size_t n);

#endif

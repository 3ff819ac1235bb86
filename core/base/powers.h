#ifndef HANA_BASE_POWERS_H
#define HANA_BASE_POWERS_H

#include <stdint.h>

/* The leading 128 bits of 5^q, high half first, for q = HANA_POWERS_FROM ...: what the
   reading and the printing of floating numbers multiply by. */
enum { HANA_POWERS_FROM = -342, HANA_POWERS_TO = 324 };
enum { HANA_POWERS = HANA_POWERS_TO - HANA_POWERS_FROM + 1 };
extern const uint64_t hana_powers_of_five[HANA_POWERS][2];

#endif

#ifndef HANA_BASE_WEIGHTED_H
#define HANA_BASE_WEIGHTED_H

#include <stddef.h>

/* A number and what it counts for; weights are not negative. */
typedef struct hana_weighted {
    double value, weight;
} hana_weighted;

/* Brings values without NaN into ascending order. */
void hana_weighted_sort(hana_weighted *values, size_t n);

/* Of n >= 1 sorted values: the smallest with at least half the weight at or below it,
   averaged with the next where exactly half is reached, so that equal weights give the
   usual median. */
double hana_weighted_median(const hana_weighted *sorted, size_t n);

/* Of n >= 1 sorted values: the one with the most weight, the smallest of equals. */
double hana_weighted_mode(const hana_weighted *sorted, size_t n);

#endif

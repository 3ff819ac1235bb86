#include "weighted.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = ((const hana_weighted *)a)->value, y = ((const hana_weighted *)b)->value;
    return (x > y) - (x < y);
}

void hana_weighted_sort(hana_weighted *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
}

double hana_weighted_median(const hana_weighted *sorted, size_t n)
{
    double total = 0, below = 0;
    for (size_t i = 0; i < n; i++) total += sorted[i].weight;
    size_t i = 0;
    while (i + 1 < n && below + sorted[i].weight < total / 2) below += sorted[i++].weight;
    if (below + sorted[i].weight == total / 2 && i + 1 < n)
        return (sorted[i].value + sorted[i + 1].value) / 2;
    return sorted[i].value;
}

double hana_weighted_mode(const hana_weighted *sorted, size_t n)
{
    double best = sorted[0].value, most = -1;
    for (size_t i = 0; i < n;) {
        double weight = 0;
        size_t from = i;
        while (i < n && sorted[i].value == sorted[from].value)
            weight += sorted[i++].weight;
        if (weight > most) {
            most = weight;
            best = sorted[from].value;
        }
    }
    return best;
}

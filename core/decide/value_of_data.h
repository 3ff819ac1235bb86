#ifndef HANA_DECIDE_VALUE_OF_DATA_H
#define HANA_DECIDE_VALUE_OF_DATA_H

#include "assess/learning_curve.h"

/* How many more labels are worth their price, from a learning curve. Three families are
   fitted to the means of the sizes: a power law a + b n^-c, an exponential a + b exp(-n /
   t), and a flat line; they are mixed by their Akaike weights. Uncertainty comes from
   draws: repeats are resampled, a family is drawn by weight, and all sizes are shifted
   together by what the overlap of the repeats hides (Nadeau and Bengio, "Inference for
   the generalization error", 2003). Nothing is said beyond `most` times the data. */
typedef struct hana_data_value_options {
    double per_label; /* price of a label */
    double per_unit;  /* worth of one unit of the metric, > 0 */
    double most;      /* total rows at the most, as a multiple of the rows at hand: 4 */
    size_t draws;
    uint64_t seed;
} hana_data_value_options;

typedef enum hana_data_verdict {
    HANA_DATA_BUY,
    HANA_DATA_STOP,
    HANA_DATA_CANNOT_TELL
} hana_data_verdict;

enum { HANA_DATA_GRID = 241 };

typedef struct hana_data_value {
    /* The curve at rows[i] training rows, from the rows at hand to `most` times those. */
    double rows[HANA_DATA_GRID];
    double value[HANA_DATA_GRID], low[HANA_DATA_GRID], high[HANA_DATA_GRID]; /* 90% */
    double net[HANA_DATA_GRID]; /* expected worth minus price of going there */
    double labels, labels_low, labels_high; /* to buy; 90% over the draws */
    double gain, gain_low, gain_high;       /* of that purchase, in money */
    double probability;                     /* that it pays */
    double marginal;                        /* worth of the next label now, in money */
    double weight[3];                       /* power law, exponential, flat */
    hana_data_verdict verdict;
} hana_data_value;

/* Fails with fewer than four sizes or three repeats: the data cannot tell. */
HANA_API hana_status hana_value_of_data(hana_data_value *out, const hana_curve *curve,
                                        const hana_data_value_options *options,
                                        hana_job *job, hana_error *err);

#endif

#ifndef HANA_DECIDE_COST_H
#define HANA_DECIDE_COST_H

#include "decide/alternatives.h"

/* The cost of alternatives and chains as a function of their inputs, for the other files
   of this folder. */

/* One draw of everything, or the means of everything. `span` and `fresh` follow from the
   inputs; the cost is linear in each factor: span, fresh and every other input. */
typedef struct hana_inputs {
    double shared[HANA_SHARED_INPUTS];
    double own[HANA_ALTERNATIVES_MAX][HANA_OWN_INPUTS];
    double span;
    double fresh[HANA_ALTERNATIVES_MAX];
} hana_inputs;

/* An expected cost as a function of one factor, all others at their means. */
typedef struct hana_line {
    double intercept, slope;
} hana_line;

size_t hana_input_count(const hana_decision *d);
const hana_dist *hana_input_dist(const hana_decision *d, size_t input);
/* The alternative whose own input it is; n for a shared one. */
size_t hana_input_owner(const hana_decision *d, size_t input);
/* Whether the input is a share of cases. */
int hana_input_is_share(size_t input);
/* Whether the cost is no straight line in the input. */
int hana_input_bends(const hana_decision *d, size_t input);
double *hana_input_value(hana_inputs *v, size_t input);
/* The factor that the input acts through: itself, `span` or `fresh`. */
double *hana_input_factor(hana_inputs *v, const hana_decision *d, size_t input);
/* What the input is where its factor has this value and all else is at `at`; NaN: no
   value makes it so. */
double hana_input_of_factor(const hana_inputs *at, const hana_decision *d, size_t input,
                            double factor);

/* Computes `span` and `fresh` from the inputs. */
void hana_inputs_follow(hana_inputs *v, const hana_decision *d);
/* The means of all inputs, and of span and fresh, as of independent inputs. */
hana_inputs hana_inputs_means(const hana_decision *d);

double hana_inputs_cost(const hana_inputs *v, const size_t *chain, size_t length);
/* The cost of a chain as a line in the factor of the input. */
hana_line hana_inputs_line(const hana_inputs *at, const hana_decision *d, size_t input,
                           const size_t *chain, size_t length);

hana_status hana_decision_check(const hana_decision *d, hana_error *err);

#endif

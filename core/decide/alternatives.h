#ifndef HANA_DECIDE_ALTERNATIVES_H
#define HANA_DECIDE_ALTERNATIVES_H

#include "base/job.h"
#include "decide/distribution.h"

#include <stddef.h>

/* Ways of getting to know one value per case (ask for it, look it up, apply a rule,
   predict it) and what each is expected to cost. A chain tries its links in order: what
   the first does not cover goes to the second, and so on; a single alternative is a chain
   of one link.

   Over the horizon a chain costs

     sum over links of  setup + hours x hourly + labels x per_label + per_year x Y
     + cases_per_year x Y x [ sum over links of
           reach x (per_case + drop_off x margin + (1 - drop_off) x coverage x error x
   cost_of_error)
         + reach past the last link x uncovered of the last link x cost_of_error ]

   where reach starts at 1 and is multiplied by (1 - drop_off) x (1 - coverage) by each
   link, and Y is `years`, or with a yearly discount rate r the annuity 1 + 1/(1+r) + ...
   (years must then be a constant). A case that drops off costs its margin and makes no
   error.

   Inputs are independent and the cost is linear in each of them. Two things follow that
   this file relies on: the expected cost is the cost at the means, exactly, so
   break-evens have no Monte Carlo error; and E[cost | one input] is a straight line in
   that input, so the expected value of perfect information on it needs no inner
   simulation. */

/* Inputs that all alternatives share, then those of one alternative. */
typedef enum hana_shared_input {
    HANA_CASES_PER_YEAR = 0,
    HANA_YEARS,
    HANA_HOURLY,
    HANA_COST_OF_ERROR,
    HANA_SHARED_INPUTS
} hana_shared_input;

typedef enum hana_own_input {
    HANA_SETUP = 0,
    HANA_PER_CASE,
    HANA_PER_YEAR,
    HANA_HOURS,
    HANA_LABELS,
    HANA_PER_LABEL,
    HANA_DROP_OFF,
    HANA_MARGIN,
    HANA_COVERAGE,
    HANA_UNCOVERED,
    HANA_ERROR,
    HANA_OWN_INPUTS
} hana_own_input;

HANA_API const char *hana_shared_input_name(hana_shared_input input);
HANA_API const char *hana_own_input_name(hana_own_input input);
/* Whether the input is a share of cases (0 .. 1) rather than an amount (>= 0). */
HANA_API int hana_own_input_is_share(hana_own_input input);

typedef struct hana_alternative {
    const char *name; /* borrowed; for messages */
    int group;        /* alternatives of one group (> 0) exclude each other in a chain */
    hana_dist inputs[HANA_OWN_INPUTS];
} hana_alternative;

typedef struct hana_decision {
    hana_dist shared[HANA_SHARED_INPUTS];
    double discount; /* a year, 0 for none */
    size_t n;        /* 1 .. 8 */
    const hana_alternative *alternatives;
    size_t draws;
} hana_decision;

enum { HANA_ALTERNATIVES_MAX = 8 };

/* One alternative or chain judged. */
typedef struct hana_judged {
    double mean;      /* exact */
    double low, high; /* 5% and 95% quantiles of the draws */
    double sd;
    double probability; /* of being the cheapest single alternative (chains: of beating
                           all) */
} hana_judged;

typedef struct hana_verdict {
    size_t n;
    hana_judged judged[HANA_ALTERNATIVES_MAX];
    size_t best; /* lowest mean; ties: the first */
    double evpi; /* of all inputs at once: lowest mean - mean of the lowest */

    /* Per shared input: the mean at which another alternative becomes the best (nearest
       to what is assumed), NaN where there is none; and the expected value of knowing it
       exactly. */
    double shared_break_even[HANA_SHARED_INPUTS];
    double shared_evpi[HANA_SHARED_INPUTS];
    /* The same per alternative and input of its own. For the best: where it stops being
       so; for another: where it would become the best. */
    double break_even[HANA_ALTERNATIVES_MAX][HANA_OWN_INPUTS];
    double own_evpi[HANA_ALTERNATIVES_MAX][HANA_OWN_INPUTS];
    /* What the expected cost of the alternative does when one of its inputs, or a shared
       one, is moved to its 5% and 95% quantile, all else at its mean: the bars of a
       tornado plot. */
    double swing_low[HANA_ALTERNATIVES_MAX][HANA_SHARED_INPUTS + HANA_OWN_INPUTS];
    double swing_high[HANA_ALTERNATIVES_MAX][HANA_SHARED_INPUTS + HANA_OWN_INPUTS];

    /* The chain with the lowest mean among all orders of all subsets. */
    size_t chain_length;
    size_t chain[HANA_ALTERNATIVES_MAX];
    hana_judged chain_judged;
} hana_verdict;

/* Judges the alternatives. Shares outside 0 .. 1, amounts below 0 (normal distributions
   are let through for amounts) and years <= 0 are errors that name alternative and input.
   The draws come in fixed blocks with a seed each, one stream an input: the same bits for
   any number of threads, and an alternative's draws do not depend on which others stand
   beside it. */
HANA_API hana_status hana_decide(hana_verdict *out, const hana_decision *decision,
                                 hana_job *job, hana_error *err);

/* The exact expected cost of a chain of alternatives (indices into the decision). */
HANA_API double hana_expected_cost(const hana_decision *decision, const size_t *chain,
                                   size_t length);

#endif

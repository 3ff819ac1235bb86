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
           reach x (per_case + drop_off x margin
                    + (1 - drop_off) x coverage x miss)
         + reach past the last link x (uncovered x cost_of_error + uncovered_loss)
           of the last link ]

   where reach starts at 1 and is multiplied by (1 - drop_off) x (1 - coverage) by each
   link, and Y is `years`, or with a yearly discount rate r the annuity 1 + 1/(1+r) + ...
   A case that drops off costs its margin and makes no error. What a covered case costs by
   being off is

     miss = fresh x (error x cost_of_error + loss) + (1 - fresh) x cost_of_error
     fresh = 2 ^ (-age / half_life)

   : a value that was right when it was stored still holds with probability `fresh`, and
   `loss` is the mean of a cost that was measured case by case (of a miss in
   centimetres, of one class taken for another).

   The cost is linear in each input but age, half_life and a discounted horizon, for which
   it is linear in `fresh` and Y. Where inputs are independent two things follow that this
   file relies on: the expected cost is the cost at the means (of fresh and Y too, by
   quadrature), so that break-evens have no Monte Carlo error; and E[cost | one input] is
   a straight line in that input, so that the expected value of perfect information on it
   needs no inner simulation. For the other inputs, and for correlated ones, it is
   estimated from the draws (see hana_decide). */

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
    HANA_UNCOVERED_LOSS,
    HANA_ERROR,
    HANA_LOSS,
    HANA_AGE,
    HANA_HALF_LIFE,
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

/* Inputs are numbered through: the shared ones, then those of the first alternative, and
   so on. */
HANA_API size_t hana_input_number(size_t alternative, hana_own_input input);

typedef struct hana_decision {
    hana_dist shared[HANA_SHARED_INPUTS];
    double discount; /* a year, 0 for none */
    size_t n;        /* 1 .. 8 */
    const hana_alternative *alternatives;
    size_t draws;

    /* Rank correlations (Spearman) of some inputs: their numbers, each once, and the
       correlation matrix, row by row. NULL and 0: all inputs are independent. */
    size_t n_correlated;
    const size_t *correlated;
    const double *correlation;
} hana_decision;

enum {
    HANA_ALTERNATIVES_MAX = 8,
    HANA_INPUTS_MAX = HANA_SHARED_INPUTS + HANA_ALTERNATIVES_MAX * HANA_OWN_INPUTS
};

/* One alternative or chain judged. */
typedef struct hana_judged {
    double mean;      /* exact where inputs that are multiplied are independent */
    double low, high; /* 5% and 95% quantiles of the draws */
    double sd;
    double probability; /* of being the cheapest single alternative (chains: of beating
                           all) */
    /* The expected cost is a straight line in the number of cases a year. */
    double fixed, per_yearly_case;
} hana_judged;

typedef struct hana_verdict {
    size_t n;
    hana_judged judged[HANA_ALTERNATIVES_MAX];
    size_t best; /* lowest mean; ties: the first */
    double evpi; /* of all inputs at once: lowest mean - mean of the lowest */
    /* beats[a][b]: the share of draws in which a costs less than b, ties counted half. 1:
       b is dominated by a. */
    double beats[HANA_ALTERNATIVES_MAX][HANA_ALTERNATIVES_MAX];

    /* Per shared input: the value at which another alternative becomes the best (nearest
       to what is assumed), all else at its mean; NaN where there is none; and the
       expected value of knowing it exactly. */
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
   are let through for amounts), years and half_life <= 0 are errors that name alternative
   and input, and so is a matrix of correlations that no inputs can have (not positive
   definite). The draws come in fixed blocks with a seed each, one stream an input: the
   same bits for any number of threads, and an alternative's draws do not depend on which
   others stand beside it.

   Correlated inputs keep their distributions: within each block their draws are put into
   the order that draws of a Gaussian copula have (Iman and Conover, Communications in
   Statistics B11, 1982). Where two inputs of one alternative, or a shared one, are
   correlated, means come from the draws; break-evens then keep the difference that this
   makes as a constant.

   The expected value of perfect information on an input in which the cost is no line, or
   which is correlated, is that of the partition method: draws sorted by the input, cut
   into equal slices, the lowest mean of each slice (Strong and Oakley, Medical Decision
   Making 33, 2013). */
HANA_API hana_status hana_decide(hana_verdict *out, const hana_decision *decision,
                                 hana_job *job, hana_error *err);

/* The expected cost of a chain of alternatives (indices into the decision) at the means
   of the inputs. */
HANA_API double hana_expected_cost(const hana_decision *decision, const size_t *chain,
                                   size_t length);

#endif

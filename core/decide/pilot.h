#ifndef HANA_DECIDE_PILOT_H
#define HANA_DECIDE_PILOT_H

#include "decide/alternatives.h"

enum { HANA_PILOT_MAX = 1000000 };

/* What it would be worth, before choosing, to observe n more cases of one input of one
   alternative: the lowest expected cost now, minus the mean of the lowest expected cost
   after the pilot (expected value of sample information; Raiffa and Schlaifer, Applied
   Statistical Decision Theory, 1961). The worth of count numbers of cases, each up to
   HANA_PILOT_MAX.

   A share (error, drop_off, coverage, uncovered) with a beta distribution: after k of n
   cases its mean is (a + k) / (a + b + n), and k is beta-binomial; the sum over k is
   exact. Another distribution of a share is replaced by the beta of the same mean and
   standard deviation. A measured cost (loss, uncovered_loss) whose mean rests on `known`
   cases: after n more, its mean is spread with n / (n + known) of its variance, as a
   gamma distribution.

   An input that is correlated with the observed one moves with it: its mean by
   r sd / sd' for each unit (what a joint normal distribution has), and the cost along its
   tangent. An input that is known exactly, or of which no case can be observed, is an
   error. */
HANA_API hana_status hana_pilot_worth(double *worth, const hana_decision *decision,
                                      size_t alternative, hana_own_input input,
                                      double known, const size_t *n, size_t count,
                                      hana_job *job, hana_error *err);

/* One input that a pilot observes. */
typedef struct hana_observed {
    size_t alternative;
    hana_own_input input;
    double known; /* cases that a measured cost rests on */
} hana_observed;

/* The same for a pilot whose n cases show several inputs at once: cases labeled by hand
   on which all alternatives are judged. Each mean after the pilot is spread as above, by
   a beta or gamma distribution with the variance of the beta-binomial (or gamma) one, the
   correlations of the decision holding between them; the mean of the lowest cost is taken
   over `draws` draws, the same for each n. */
HANA_API hana_status hana_pilot_together(double *worth, const hana_decision *decision,
                                         const hana_observed *observed, size_t observed_n,
                                         size_t draws, const size_t *n, size_t count,
                                         hana_job *job, hana_error *err);

#endif

#ifndef HANA_DECIDE_DISTRIBUTION_H
#define HANA_DECIDE_DISTRIBUTION_H

#include "base/error.h"
#include "base/random.h"

/* What is known of a number: the number itself or a distribution.

   constant     a
   uniform      a .. b
   log_uniform  a .. b, both > 0
   normal       mean a, standard deviation b
   log_normal   mean a and standard deviation b of the logarithm
   triangular   low a, mode b, high c
   pert         low a, mode b, high c: a beta distribution on a .. c whose mean is (a + 4
   b + c) / 6 (Malcolm, Roseboom, Clark and Fazar, Operations Research 7, 1959) beta on 0
   .. 1 with shapes a and b gamma        shape a, scale b */
typedef enum hana_dist_kind {
    HANA_DIST_CONSTANT = 0,
    HANA_DIST_UNIFORM,
    HANA_DIST_LOG_UNIFORM,
    HANA_DIST_NORMAL,
    HANA_DIST_LOG_NORMAL,
    HANA_DIST_TRIANGULAR,
    HANA_DIST_PERT,
    HANA_DIST_BETA,
    HANA_DIST_GAMMA,
    HANA_DIST_KINDS
} hana_dist_kind;

typedef struct hana_dist {
    hana_dist_kind kind;
    double a, b, c;
} hana_dist;

HANA_API const char *hana_dist_name(hana_dist_kind kind);
/* The kind of that name, or -1. */
HANA_API int hana_dist_find(const char *name);
/* Fails where the parameters are not finite, out of order or not positive where they must
 * be. */
HANA_API hana_status hana_dist_check(const hana_dist *dist, hana_error *err);
HANA_API double hana_dist_mean(const hana_dist *dist);
HANA_API double hana_dist_sd(const hana_dist *dist);
/* The smallest interval that holds every draw; may be infinite. */
HANA_API void hana_dist_support(double *low, double *high, const hana_dist *dist);
HANA_API double hana_dist_quantile(const hana_dist *dist, double p);
HANA_API double hana_dist_draw(const hana_dist *dist, hana_stream *stream);

#endif

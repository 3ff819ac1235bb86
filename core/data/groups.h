#ifndef HANA_DATA_GROUPS_H
#define HANA_DATA_GROUPS_H

#include "base/job.h"

/* The group that each row of a frame belongs to, and what several expressions over the
   same groups need of them, computed when the first one asks. */
typedef struct hana_groups {
    size_t rows, n;
    size_t *of_row; /* 0 .. n - 1 for each row */
    size_t *first;  /* row of each group */
    size_t *order;  /* rows by group, ascending within; NULL: not asked for yet */
    size_t *starts; /* n + 1 places in `order` */
} hana_groups;

/* Frees what it holds. */
void hana_groups_clear(hana_groups *groups);
/* Makes order and starts, unless they are there. Not for several threads. */
hana_status hana_groups_order(hana_groups *groups, hana_job *job, hana_error *err);

#endif

#ifndef HANA_LEARN_LEVEL_GUARD_H
#define HANA_LEARN_LEVEL_GUARD_H

#include "io/container.h"
#include "learn/task.h"

/* For compositions that fit their parts to some of the rows: a part that lacks a level of
   the whole must not call it unknown, and a level that the whole lacks is still unknown.
   The parts are fitted under roles that take any level; the guard remembers the levels of
   the whole. */
typedef struct hana_level_guard {
    hana_names names;           /* text features with at most 100 distinct values */
    const hana_column **levels; /* a string column each */
    hana_roles lenient;         /* the task's roles, with new_level = other */
    int strict;                 /* the policy was error: the guard checks */
} hana_level_guard;

HANA_API hana_status hana_level_guard_learn(hana_level_guard *out, const hana_task *task,
                                            hana_error *err);
HANA_API void hana_level_guard_clear(hana_level_guard *guard);
/* The task under the lenient roles: borrowed in all its parts, not to be cleared. */
HANA_API hana_task hana_level_guard_task(const hana_level_guard *guard,
                                         const hana_task *task);
HANA_API hana_status hana_level_guard_check(const hana_level_guard *guard,
                                            const char *estimator,
                                            const hana_frame *frame, hana_error *err);
HANA_API hana_status hana_level_guard_save(const hana_level_guard *guard,
                                           hana_writer *writer, hana_error *err);
HANA_API hana_status hana_level_guard_load(hana_level_guard *out, hana_reader *reader,
                                           hana_error *err);

#endif

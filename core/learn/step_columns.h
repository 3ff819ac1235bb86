#ifndef HANA_LEARN_STEP_COLUMNS_H
#define HANA_LEARN_STEP_COLUMNS_H

#include "learn/step.h"

/* What steps share: which columns they work on, finding those again, and changing a
 * frame. */

enum { /* sets of types */
       HANA_TYPES_NUMBER = 1 << HANA_FLOAT | 1 << HANA_INT,
       HANA_TYPES_TEXT = 1 << HANA_STRING | 1 << HANA_CATEGORY,
       HANA_TYPES_ANY = (1 << HANA_N_TYPES) - 1
};

/* The feature columns that `given` means, each of a type in the set; when nothing was
   given, all features of those types. A named column that is no feature or of another
   type is an error by the step's name. Into an empty *out. */
HANA_API hana_status hana_step_columns(hana_names *out, const hana_columns *given,
                                       const hana_task *task, const char *step,
                                       unsigned types, hana_error *err);
/* A column that fit saw (borrowed); missing or of no type in the set is an error that
 * names it. */
HANA_API hana_status hana_step_column(const hana_column **out, const hana_frame *frame,
                                      const char *name, const char *step, unsigned types,
                                      hana_error *err);

/* Changes to a frame, made together: columns replaced in their place, removed, appended.
 */
typedef struct hana_frame_edit {
    const hana_frame *frame;
    size_t n, capacity;
    char **names;
    const hana_column **columns;
} hana_frame_edit;
HANA_API hana_status hana_frame_edit_begin(hana_frame_edit *edit, const hana_frame *frame,
                                           hana_error *err);
/* Takes the column over, also on failure. */
HANA_API hana_status hana_frame_edit_replace(hana_frame_edit *edit, const char *name,
                                             const hana_column *column, hana_error *err);
HANA_API hana_status hana_frame_edit_append(hana_frame_edit *edit, const char *name,
                                            const hana_column *column, hana_error *err);
HANA_API void hana_frame_edit_remove(hana_frame_edit *edit, const char *name);
/* The new frame, with the row ids of the old. */
HANA_API hana_status hana_frame_edit_finish(hana_frame **out, hana_frame_edit *edit,
                                            hana_error *err);
HANA_API void hana_frame_edit_clear(hana_frame_edit *edit);

#endif

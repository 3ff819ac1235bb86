#ifndef HANA_PLUGINS_LINE_EDITOR_H
#define HANA_PLUGINS_LINE_EDITOR_H

#include "base/memory.h"

/* Line editing at a terminal by GNU readline. */

/* Adds what may stand in place of line[start..end), each ended by a NUL, to *out. Returns
   whether the names of files are wanted as well when there is nothing. */
typedef int hana_complete_fn(void *context, const char *line, size_t start, size_t end,
                             hana_text *out);

typedef enum hana_line { HANA_LINE_READ, HANA_LINE_END, HANA_LINE_INTERRUPTED } hana_line;

typedef struct hana_line_editor {
    /* Appends the line that was entered, without its newline. Ctrl-C gives it up. */
    hana_line (*read)(hana_text *out, const char *prompt, hana_complete_fn *complete,
                      void *context);
    /* Entries may have several lines. The file keeps the newest 10,000. */
    void (*history_add)(const char *entry);
    void (*history_load)(const char *path);
    hana_status (*history_save)(const char *path, hana_error *err);
} hana_line_editor;

#endif

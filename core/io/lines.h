#ifndef HANA_IO_LINES_H
#define HANA_IO_LINES_H

#include "base/memory.h"
#include "base/value.h"

/* Lines of a file (or rows of a sheet) of which something is to be said: those that were
   left out. Zeroed memory is none. The first HANA_LINES_MOST ranges that are added are
   kept. */
typedef struct hana_lines {
    int64_t *ranges; /* 2n: from, to; ascending and apart */
    size_t n, capacity;
    int more; /* some were not kept */
} hana_lines;
enum { HANA_LINES_MOST = 1000 };

hana_status hana_lines_add(hana_lines *lines, int64_t from, int64_t to, hana_error *err);
/* Adds others, each `base` lines further on. */
hana_status hana_lines_join(hana_lines *lines, const hana_lines *others, int64_t base,
                            hana_error *err);
void hana_lines_clear(hana_lines *lines);
/* Appends "2, 4-5, 8": the first ranges, and "..." where there are more. */
void hana_lines_say(hana_text *out, const hana_lines *lines);
/* A list of the numbers, HANA_LINES_MOST at most. */
hana_status hana_lines_list(hana_value *out, const hana_lines *lines, hana_error *err);

#endif

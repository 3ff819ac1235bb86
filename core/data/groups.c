#include "data/groups.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <string.h>

void hana_groups_clear(hana_groups *groups)
{
    hana_free(groups->of_row);
    hana_free(groups->first);
    hana_free(groups->order);
    hana_free(groups->starts);
    *groups = (hana_groups){ 0 };
}

/* A counting sort of the rows by group, cut into segments of rows that count and then
   place their rows side by side. */
enum { MOST_SEGMENTS = 8, SEGMENT_ROWS = 1 << 16 };

typedef struct counting {
    const hana_groups *groups;
    size_t segments;
    size_t *places; /* segments x groups: counts, then where the next row goes */
    size_t *order;
} counting;

static size_t segment_begin(const counting *c, size_t segment)
{
    return c->groups->rows / c->segments * segment +
           (segment == c->segments ? c->groups->rows % c->segments : 0);
}

static hana_status count_rows(void *context, size_t segment, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const counting *c = context;
    size_t *count = c->places + segment * c->groups->n;
    const size_t *of_row = c->groups->of_row;
    memset(count, 0, c->groups->n * sizeof *count);
    for (size_t i = segment_begin(c, segment), end = segment_begin(c, segment + 1);
         i < end; i++)
        count[of_row[i]]++;
    return HANA_OK;
}

static hana_status place_rows(void *context, size_t segment, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const counting *c = context;
    size_t *place = c->places + segment * c->groups->n;
    const size_t *of_row = c->groups->of_row;
    for (size_t i = segment_begin(c, segment), end = segment_begin(c, segment + 1);
         i < end; i++)
        c->order[place[of_row[i]]++] = i;
    return HANA_OK;
}

static void counts_to_places(const counting *c, size_t *starts)
{
    size_t sum = 0, n = c->groups->n;
    for (size_t g = 0; g < n; g++) {
        starts[g] = sum;
        for (size_t s = 0; s < c->segments; s++) {
            size_t *count = &c->places[s * n + g], here = *count;
            *count = sum;
            sum += here;
        }
    }
    starts[n] = sum;
}

hana_status hana_groups_order(hana_groups *groups, hana_job *job, hana_error *err)
{
    if (groups->order) return HANA_OK;
    counting c = { .groups = groups, .segments = groups->rows / SEGMENT_ROWS + 1 };
    if (c.segments > MOST_SEGMENTS) c.segments = MOST_SEGMENTS;
    while (c.segments > 1 && c.segments * groups->n > groups->rows) c.segments /= 2;
    size_t *starts = hana_alloc(groups->n + 1, sizeof *starts);
    c.places = hana_alloc(c.segments * groups->n, sizeof *c.places);
    c.order = hana_alloc(groups->rows, sizeof *c.order);
    hana_status status = starts && c.places && c.order ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) status = hana_parallel(job, c.segments, count_rows, &c, err);
    if (status == HANA_OK) {
        counts_to_places(&c, starts);
        status = hana_parallel(job, c.segments, place_rows, &c, err);
    }
    hana_free(c.places);
    if (status != HANA_OK) {
        hana_free(starts);
        hana_free(c.order);
        return status;
    }
    groups->starts = starts;
    groups->order = c.order;
    return HANA_OK;
}

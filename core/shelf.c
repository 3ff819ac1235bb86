#include "shelf.h"

#include <stdlib.h>
#include <string.h>

#define HANA_LEARNER(name) extern const hana_learner hana_##name;
#define HANA_ESTIMATOR(name) extern const hana_estimator hana_##name;
#define HANA_STEP(name) extern const hana_step hana_step_##name;
#include "learn/list.h"
#include "prepare/list.h"
#include "scarce/list.h"
#undef HANA_LEARNER
#undef HANA_ESTIMATOR
#undef HANA_STEP

static const hana_part *parts[] = {
#define HANA_LEARNER(name) &hana_##name.part,
#define HANA_ESTIMATOR(name) &hana_##name.part,
#define HANA_STEP(name) &hana_step_##name.part,
#include "learn/list.h"
#include "prepare/list.h"
#include "scarce/list.h"
};
enum { N_PARTS = sizeof parts / sizeof parts[0] };

const hana_part *hana_part_find(const char *name)
{
    for (size_t i = 0; i < N_PARTS; i++)
        if (strcmp(parts[i]->name, name) == 0) return parts[i];
    return NULL;
}

const hana_part *const *hana_parts(size_t *n)
{
    *n = N_PARTS;
    return parts;
}

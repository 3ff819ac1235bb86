#ifndef HANA_SHELF_H
#define HANA_SHELF_H

#include "learn/estimator.h"

/* The registry of all learners, steps and estimators: hana_part_find and hana_parts
   (learn/spec.h) are defined in shelf.c from the list.h files. */

#endif

#ifndef HANA_LEARN_SCHEMA_H
#define HANA_LEARN_SCHEMA_H

#include "base/job.h"
#include "io/container.h"
#include "learn/task.h"

/* What the features of a model looked like in training: the promise that prediction is
 * held to. */
enum { HANA_N_QUANTILES = 5 }; /* minimum, quartiles, maximum */

typedef struct hana_schema_column {
    char *name;
    hana_type type;
    size_t nulls;
    int has_range;
    double quantiles[HANA_N_QUANTILES]; /* of numbers, dates and datetimes */
    const hana_column *levels; /* of texts with at most 100 distinct values, else NULL */
    const hana_column *block_names;
} hana_schema_column;

typedef struct hana_schema {
    size_t n;
    hana_schema_column *columns;
} hana_schema;

HANA_API hana_status hana_schema_learn(hana_schema *out, const hana_frame *frame,
                                       const hana_names *features, hana_error *err);
HANA_API void hana_schema_clear(hana_schema *schema);
/* The frame's columns of the schema, in its order: missing and retyped ones are errors
   that name them. Values outside the training range follow the policy: one warning a
   call, clipped, or an error. */
HANA_API hana_status hana_schema_admit(hana_frame **out, const hana_schema *schema,
                                       hana_out_of_range policy, const hana_frame *frame,
                                       hana_job *job, hana_error *err);
/* A few synthetic rows made from quantiles and levels, never training rows. */
HANA_API hana_status hana_schema_probe(hana_frame **out, const hana_schema *schema,
                                       hana_error *err);
/* A list of maps { name, type, min, max, levels } for inspect, forms and servers. */
HANA_API hana_status hana_schema_to_value(hana_value *out, const hana_schema *schema,
                                          hana_error *err);
HANA_API hana_status hana_schema_save(const hana_schema *schema, hana_writer *writer,
                                      hana_error *err);
HANA_API hana_status hana_schema_load(hana_schema *out, hana_reader *reader,
                                      hana_error *err);

#endif

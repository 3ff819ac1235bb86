#ifndef HANA_H
#define HANA_H

/* libhana: data frames, learning, scarce labels and decisions. Call hana_start() once,
 * first. */

#include "assess/resample.h"
#include "base/error.h"
#include "base/job.h"
#include "base/limits.h"
#include "base/matrix.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/process.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "data/arrow.h"
#include "data/column.h"
#include "data/expr.h"
#include "data/expr_sql.h"
#include "data/frame.h"
#include "data/selector.h"
#include "data/verbs.h"
#include "io/container.h"
#include "io/csv.h"
#include "io/csv_chunks.h"
#include "io/encoding.h"
#include "io/files.h"
#include "io/json.h"
#include "io/json_frame.h"
#include "io/print_rows.h"
#include "io/sheet.h"
#include "io/sql.h"
#include "io/text_file.h"
#include "io/xlsx_write.h"
#include "learn/crossfit.h"
#include "learn/estimator.h"
#include "measure/metrics.h"
#include "measure/split.h"
#include "shelf.h"

#endif

#include "fuzz.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct outcome {
    hana_status status;
    hana_frame *frame;
    hana_value report;
    hana_error err;
} outcome;

static outcome read_text(const char *text, size_t length, const hana_csv_options *options,
                         size_t stretch)
{
    outcome o = { 0 };
    hana_csv_stretch_bytes(stretch);
    o.status =
        hana_csv_read(&o.frame, &o.report, NULL, text, length, options, NULL, &o.err);
    hana_csv_stretch_bytes(0);
    FUZZ_CHECK((o.status == HANA_OK) == (o.frame != NULL));
    return o;
}

static outcome read_by(hana_csv_scanner scanner, const char *text, size_t length,
                       const hana_csv_options *options, size_t stretch)
{
    hana_csv_scan_by(scanner);
    outcome o = read_text(text, length, options, stretch);
    hana_csv_scan_by(HANA_CSV_SCAN_WIDE);
    return o;
}

static void outcome_clear(outcome *o)
{
    hana_frame_release(o->frame);
    hana_value_clear(&o->report);
}

static char *report_text(const outcome *o)
{
    hana_text text = { 0 };
    char *taken = NULL;
    FUZZ_CHECK(hana_json_encode(&text, &o->report, 0, 0, NULL) == HANA_OK);
    FUZZ_CHECK(hana_text_take(&taken, &text, NULL) == HANA_OK);
    return taken;
}

/* However the text is cut into stretches and its records are found, frame, report and
 * message are the same. */
static void check_same(const outcome *a, const outcome *b)
{
    FUZZ_CHECK(a->status == b->status);
    if (a->status != HANA_OK) {
        FUZZ_CHECK(strcmp(a->err.message, b->err.message) == 0);
        return;
    }
    FUZZ_CHECK(hana_frame_hash(a->frame) == hana_frame_hash(b->frame));
    FUZZ_CHECK(hana_frame_rows(a->frame) == hana_frame_rows(b->frame));
    for (size_t i = 0; i < hana_frame_rows(a->frame); i++)
        FUZZ_CHECK(hana_frame_position(a->frame, i) == hana_frame_position(b->frame, i));
    char *ours = report_text(a), *theirs = report_text(b);
    FUZZ_CHECK(strcmp(ours, theirs) == 0);
    hana_free(ours);
    hana_free(theirs);
}

/* What is written reads back to as many rows and columns. */
static void check_written(const hana_frame *frame)
{
    hana_error err;
    hana_text text = { 0 };
    if (hana_csv_write(frame, NULL, &text, NULL, NULL, &err) == HANA_OK)
        FUZZ_CHECK(text.data != NULL || hana_frame_cols(frame) == 0);
    hana_text_clear(&text);
}

/* The first byte chooses the options; the rest is the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    if (size == 0) return 0;
    int64_t blocks = hana_memory_now().blocks;
    hana_error err;
    hana_csv_options options = { 0 };
    FUZZ_CHECK(hana_csv_options_init(&options, &err) == HANA_OK);
    options.on_error = data[0] % 3;
    options.header = (data[0] & 4) == 0;
    if (data[0] & 8) options.quote = 0;
    if (data[0] & 16) options.delimiter = hana_strdup(";");
    if (data[0] & 32) options.comment = hana_strdup("#");
    if (data[0] & 64)
        options.delimiter = (hana_free(options.delimiter), hana_strdup("whitespace"));
    const char *text = (const char *)data + 1;
    outcome whole = read_text(text, size - 1, &options, 0);
    size_t stretch = 1 + data[0] / 128 * 12;
    outcome cut = read_text(text, size - 1, &options, stretch);
    outcome plain = read_by(HANA_CSV_SCAN_PLAIN, text, size - 1, &options, 0);
    outcome library = read_by(HANA_CSV_SCAN_LIBRARY, text, size - 1, &options, stretch);
    check_same(&whole, &cut);
    check_same(&whole, &plain);
    check_same(&whole, &library);
    if (whole.frame) check_written(whole.frame);
    outcome_clear(&whole);
    outcome_clear(&cut);
    outcome_clear(&plain);
    outcome_clear(&library);
    hana_csv_options_clear(&options);
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    return 0;
}

#include "fuzz.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was read is written, and read back, the same. */
static void check_written(const hana_frame *frame)
{
    hana_text text = { 0 }, by_rows = { 0 };
    hana_frame *again = NULL;
    FUZZ_CHECK(hana_json_write(frame, NULL, &text, NULL, NULL) == HANA_OK);
    hana_print_rows_bytes(1);
    FUZZ_CHECK(hana_json_write(frame, NULL, &by_rows, NULL, NULL) == HANA_OK);
    hana_print_rows_bytes(0);
    FUZZ_CHECK(text.length == by_rows.length);
    FUZZ_CHECK(text.length == 0 || memcmp(text.data, by_rows.data, text.length) == 0);
    hana_text_clear(&by_rows);
    if (hana_frame_rows(frame) > 0) {
        FUZZ_CHECK(hana_json_read(&again, NULL, NULL, text.data, text.length, NULL, NULL,
                                  NULL) == HANA_OK);
        FUZZ_CHECK(hana_frame_rows(again) == hana_frame_rows(frame));
        FUZZ_CHECK(hana_frame_cols(again) == hana_frame_cols(frame));
        for (size_t j = 0; j < hana_frame_cols(frame); j++)
            FUZZ_CHECK(hana_column_equal(hana_frame_column(frame, j),
                                         hana_frame_column(again, j)));
    }
    hana_frame_release(again);
    hana_text_clear(&text);
}

static char *report_text(const hana_value *report)
{
    hana_text text = { 0 };
    char *taken = NULL;
    FUZZ_CHECK(hana_json_encode(&text, report, 0, 0, NULL) == HANA_OK);
    FUZZ_CHECK(hana_text_take(&taken, &text, NULL) == HANA_OK);
    return taken;
}

/* However lines are cut into parts, frame, report and message are the same. */
static void check_parts(const char *text, size_t length, const hana_csv_options *options,
                        size_t bytes)
{
    hana_frame *whole = NULL, *parts = NULL;
    hana_value whole_report = { 0 }, parts_report = { 0 };
    hana_error whole_error = { 0 }, parts_error = { 0 };
    hana_status status = hana_json_read(&whole, &whole_report, NULL, text, length,
                                        options, NULL, &whole_error);
    hana_json_part_bytes(bytes);
    FUZZ_CHECK(hana_json_read(&parts, &parts_report, NULL, text, length, options, NULL,
                              &parts_error) == status);
    hana_json_part_bytes(0);
    FUZZ_CHECK((status == HANA_OK) == (whole != NULL));
    if (status != HANA_OK) {
        FUZZ_CHECK(strcmp(whole_error.message, parts_error.message) == 0);
        return;
    }
    char *a = report_text(&whole_report), *b = report_text(&parts_report);
    FUZZ_CHECK(hana_frame_hash(whole) == hana_frame_hash(parts));
    FUZZ_CHECK(strcmp(a, b) == 0);
    hana_free(a);
    hana_free(b);
    hana_frame_release(whole);
    hana_frame_release(parts);
    hana_value_clear(&whole_report);
    hana_value_clear(&parts_report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    int64_t blocks = hana_memory_now().blocks;
    hana_frame *frame = NULL;
    hana_value report = { 0 };
    hana_error err;
    hana_status status =
        hana_json_read(&frame, &report, NULL, (const char *)data, size, NULL, NULL, &err);
    FUZZ_CHECK((status == HANA_OK) == (frame != NULL));
    if (frame) check_written(frame);
    for (int on_error = 0; on_error < 3; on_error++) {
        hana_csv_options options = { .limit = -1, .on_error = on_error };
        check_parts((const char *)data, size, &options, 1);
        check_parts((const char *)data, size, &options, 2 + size % 61);
    }
    hana_frame_release(frame);
    hana_value_clear(&report);
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    return 0;
}

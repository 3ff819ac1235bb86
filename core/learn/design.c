#include "learn/design.h"

#include <math.h>
#include <string.h>

void hana_design_clear(hana_design *design)
{
    for (size_t i = 0; i < design->n_inputs; i++) {
        hana_free(design->inputs[i].name);
        hana_column_release(design->inputs[i].levels);
        hana_column_release(design->inputs[i].block_names);
    }
    hana_free(design->inputs);
    for (size_t j = 0; j < design->n_features; j++) hana_free(design->features[j].name);
    hana_free(design->features);
    hana_free(design->learner);
    *design = (hana_design){ 0 };
}

size_t hana_design_bytes(const hana_design *design)
{
    size_t bytes = design->n_inputs * sizeof *design->inputs +
                   design->n_features * sizeof *design->features;
    for (size_t i = 0; i < design->n_inputs; i++) {
        if (design->inputs[i].levels)
            bytes += hana_column_bytes(design->inputs[i].levels);
        if (design->inputs[i].block_names)
            bytes += hana_column_bytes(design->inputs[i].block_names);
    }
    return bytes;
}

static int is_text(hana_type type)
{
    return type == HANA_STRING || type == HANA_CATEGORY;
}

static int is_number(hana_type type)
{
    return type == HANA_FLOAT || type == HANA_INT;
}

/* The distinct values of a text column in byte order; the present levels of a category in
 * theirs. */
static hana_status find_levels(const hana_column **out, const hana_column *column,
                               const char *name, const char *learner, hana_error *err)
{
    if (hana_column_type(column) == HANA_STRING) {
        hana_column *unique;
        HANA_TRY(hana_column_unique(&unique, column, err));
        size_t n = hana_column_length(unique);
        if (n > HANA_MOST_TEXT_LEVELS) {
            hana_column_release(unique);
            return hana_fail(
                err, HANA_BAD_DATA,
                "%s: column '%s' is text with %zu distinct values (%d at most are "
                "encoded by themselves): use text_tokens or target_encode, cast it "
                "to category, or ignore it",
                learner, name, n, HANA_MOST_TEXT_LEVELS);
        }
        *out = unique;
        return HANA_OK;
    }
    const hana_column *levels = hana_column_levels(column);
    const int32_t *codes = hana_column_codes(column);
    size_t n = hana_column_length(levels), rows = hana_column_length(column), used = 0;
    size_t *present = hana_alloc_zero(n, sizeof *present);
    if (!present) return hana_fail_memory(err);
    for (size_t i = 0; i < rows; i++)
        if (!hana_column_is_null(column, i)) present[codes[i]] = 1;
    for (size_t k = 0; k < n; k++)
        if (present[k]) present[used++] = k;
    hana_column *kept;
    hana_status status = hana_column_take(&kept, levels, present, used, err);
    hana_free(present);
    if (status == HANA_OK) *out = kept;
    return status;
}

static hana_status learn_input(hana_input *input, const hana_design *design,
                               const char *name, const hana_column *column,
                               hana_error *err)
{
    input->name = hana_strdup(name);
    if (!input->name) return hana_fail_memory(err);
    input->type = hana_column_type(column);
    input->cols = 1;
    hana_block_view block;
    switch (input->type) {
    case HANA_FLOAT:
    case HANA_INT:
    case HANA_BOOL:
        input->kind = HANA_INPUT_NUMBER;
        return HANA_OK;
    case HANA_DATE:
    case HANA_DATETIME:
        return hana_fail(
            err, HANA_BAD_TYPE,
            "%s: column '%s' is a %s: turn it into numbers with date_parts or an "
            "expression (year(%s)), or ignore it",
            design->learner, name, hana_type_name(input->type), name);
    case HANA_BLOCK:
        hana_column_block(column, &block);
        input->kind = HANA_INPUT_BLOCK;
        input->cols = block.cols;
        input->block_names = hana_column_retain(block.names);
        return HANA_OK;
    case HANA_STRING:
    case HANA_CATEGORY:
        break;
    }
    HANA_TRY(find_levels(&input->levels, column, name, design->learner, err));
    size_t n = hana_column_length(input->levels);
    input->kind =
        design->tags & HANA_TAG_CATEGORIES ? HANA_INPUT_CODES : HANA_INPUT_ONE_HOT;
    if (input->kind == HANA_INPUT_ONE_HOT)
        input->cols = n > 0 && design->drop_first ? n - 1 : n;
    return HANA_OK;
}

static hana_status name_feature(char **out, const hana_input *input,
                                const hana_column *names, size_t k, hana_error *err)
{
    hana_text text = { 0 };
    hana_text_puts(&text, input->name);
    if (names) {
        size_t length;
        const char *part = hana_column_string(names, k, &length);
        hana_text_putc(&text, '=');
        hana_text_add(&text, part, length);
    }
    return hana_text_take(out, &text, err);
}

static hana_status name_features(hana_design *design, hana_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < design->n_inputs; i++) {
        design->inputs[i].from = n;
        n += design->inputs[i].cols;
    }
    design->features = hana_alloc_zero(n, sizeof *design->features);
    if (!design->features) return hana_fail_memory(err);
    for (size_t i = 0; i < design->n_inputs; i++) {
        const hana_input *input = &design->inputs[i];
        const hana_column *names = input->kind == HANA_INPUT_BLOCK ? input->block_names
                                   : input->kind == HANA_INPUT_ONE_HOT ? input->levels
                                                                       : NULL;
        size_t skip = input->kind == HANA_INPUT_ONE_HOT && design->drop_first ? 1 : 0;
        for (size_t k = 0; k < input->cols; k++) {
            hana_feature *feature = &design->features[design->n_features];
            HANA_TRY(name_feature(&feature->name, input, names, k + skip, err));
            design->n_features++;
            if (input->kind == HANA_INPUT_CODES) feature->levels = input->levels;
            if (input->kind == HANA_INPUT_CODES)
                feature->n_levels = hana_column_length(input->levels) +
                                    (design->new_level == HANA_LEVEL_OTHER ? 1 : 0);
        }
    }
    return HANA_OK;
}

/* "'age' (177), 'fare' (1)": the columns with missing values, counted over computed NaNs
 * too. */
static hana_status check_missing(const hana_design *design, const hana_frame *frame,
                                 hana_error *err)
{
    if (design->tags & HANA_TAG_MISSING) return HANA_OK;
    hana_text list = { 0 };
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < design->n_inputs; i++) {
        ptrdiff_t j = hana_frame_find(frame, design->inputs[i].name);
        if (j < 0) continue;
        const hana_column *column = hana_frame_column(frame, (size_t)j);
        size_t missing = hana_column_nulls(column), n = hana_column_length(column);
        if (hana_column_type(column) == HANA_FLOAT) {
            const double *x = hana_column_floats(column);
            missing = 0;
            for (size_t r = 0; r < n; r++) missing += isnan(x[r]) != 0;
        }
        if (missing == 0) continue;
        if (shown < 8)
            hana_text_printf(&list, "%s'%s' (%zu of %zu)", shown++ ? ", " : "",
                             design->inputs[i].name, missing, n);
        else
            more++;
    }
    if (shown == 0) return HANA_OK;
    if (more) hana_text_printf(&list, " and %zu more", more);
    hana_status status = hana_fail(
        err, HANA_BAD_DATA,
        "%s takes no missing values, and there are some in %s: put impute{} before it "
        "in a pipeline, or drop_null",
        design->learner, list.data ? list.data : "");
    hana_text_clear(&list);
    return status;
}

static hana_status learn(hana_design *design, const hana_task *task,
                         const hana_names *names, hana_error *err)
{
    design->inputs = hana_alloc_zero(names->n, sizeof *design->inputs);
    if (!design->inputs) return hana_fail_memory(err);
    for (size_t i = 0; i < names->n; i++) {
        const hana_column *column;
        HANA_TRY(hana_frame_get(&column, task->frame, names->items[i], err));
        design->n_inputs++;
        HANA_TRY(learn_input(&design->inputs[i], design, names->items[i], column, err));
    }
    HANA_TRY(check_missing(design, task->frame, err));
    HANA_TRY(name_features(design, err));
    if (design->n_features == 0 && !(design->tags & HANA_TAG_NO_FEATURES))
        return hana_fail(err, HANA_BAD_DATA, "%s: there are no features to learn from",
                         design->learner);
    return HANA_OK;
}

hana_status hana_design_fit(hana_design *out, const hana_task *task, unsigned tags,
                            int drop_first, const char *learner, hana_error *err)
{
    if (task->roles->new_level == HANA_LEVEL_MISSING && !(tags & HANA_TAG_MISSING))
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "new_level = 'missing' needs a learner that takes missing values; %s "
            "does not",
            learner);
    hana_design made = { .tags = tags,
                         .drop_first = drop_first,
                         .new_level = task->roles->new_level,
                         .learner = hana_strdup(learner) };
    hana_names names = { 0 };
    hana_status status = made.learner
                             ? hana_features(&names, task->frame, task->roles, err)
                             : hana_fail_memory(err);
    if (tags & HANA_TAG_NO_FEATURES) hana_names_clear(&names);
    if (status == HANA_OK) status = learn(&made, task, &names, err);
    hana_names_clear(&names);
    if (status == HANA_OK)
        *out = made;
    else
        hana_design_clear(&made);
    return status;
}

static hana_status take_numbers(hana_source *source, const hana_column *column,
                                const hana_design *design, hana_error *err)
{
    size_t n = hana_column_length(column);
    if (hana_column_type(column) == HANA_FLOAT) {
        source->values = hana_column_floats(column);
    } else {
        source->own = hana_alloc(n, sizeof *source->own);
        if (!source->own) return hana_fail_memory(err);
        for (size_t i = 0; i < n; i++) source->own[i] = hana_column_number(column, i);
        source->values = source->own;
    }
    for (size_t i = 0; i < n; i++)
        if (isinf(source->values[i]))
            return hana_fail(err, HANA_BAD_DATA, "%s: column '%s' is infinite in row %zu",
                             design->learner, source->input->name, i + 1);
    return HANA_OK;
}

static hana_status new_level(int32_t *code, const hana_source *source,
                             const hana_design *design, size_t i, hana_error *err)
{
    size_t length;
    const char *text = hana_column_string(source->column, i, &length);
    if (design->new_level == HANA_LEVEL_ERROR)
        return hana_fail(
            err, HANA_BAD_DATA,
            "column '%s' has the level '%.*s' in row %zu, which was not seen in fit "
            "(fit with new_level = \"other\" to allow it)",
            source->input->name, (int)(length < 60 ? length : 60), text, i + 1);
    *code = design->new_level == HANA_LEVEL_OTHER
                ? (int32_t)hana_column_length(source->input->levels)
                : -1;
    return HANA_OK;
}

static hana_status take_codes(hana_source *source, const hana_column *column,
                              const hana_design *design, hana_error *err)
{
    size_t n = hana_column_length(column);
    const hana_column *category;
    HANA_TRY(hana_column_as_category(&category, column, 0, err));
    const hana_column *levels = hana_column_levels(category);
    const int32_t *codes = hana_column_codes(category);
    size_t n_levels = hana_column_length(levels);
    /* -2 marks a level that fit did not see: an error only where a row has it. */
    int32_t *map = hana_alloc(n_levels, sizeof *map);
    source->codes = hana_alloc(n, sizeof *source->codes);
    hana_status status = map && source->codes ? HANA_OK : hana_fail_memory(err);
    for (size_t k = 0; status == HANA_OK && k < n_levels; k++) {
        size_t length;
        const char *text = hana_column_string(levels, k, &length);
        ptrdiff_t found = hana_column_find_string(source->input->levels, text, length);
        map[k] = found < 0 ? -2 : (int32_t)found;
    }
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        source->codes[i] = hana_column_is_null(category, i) ? -1 : map[codes[i]];
        if (source->codes[i] == -2)
            status = new_level(&source->codes[i], source, design, i, err);
    }
    hana_free(map);
    hana_column_release(category);
    return status;
}

static hana_status take_block(hana_source *source, const hana_column *column,
                              const hana_design *design, hana_error *err)
{
    hana_column_block(column, &source->block);
    if (!hana_column_equal(source->block.names, source->input->block_names))
        return hana_fail(
            err, HANA_BAD_DATA,
            "%s: block '%s' has other features (%zu) than it had in fit (%zu)",
            design->learner, source->input->name, source->block.cols,
            source->input->cols);
    return HANA_OK;
}

static hana_status take_source(hana_source *source, const hana_input *input,
                               const hana_design *design, const hana_frame *frame,
                               hana_error *err)
{
    ptrdiff_t j = hana_frame_find(frame, input->name);
    if (j < 0)
        return hana_fail(err, HANA_NO_SUCH_NAME, "%s: column '%s' is missing",
                         design->learner, input->name);
    const hana_column *column = hana_frame_column(frame, (size_t)j);
    hana_type type = hana_column_type(column);
    int same = type == input->type || (is_number(type) && is_number(input->type)) ||
               (is_text(type) && is_text(input->type));
    if (!same)
        return hana_fail(err, HANA_BAD_TYPE, "%s: column '%s' is %s, and was %s in fit",
                         design->learner, input->name, hana_type_name(type),
                         hana_type_name(input->type));
    source->input = input;
    source->column = hana_column_retain(column);
    if (input->kind == HANA_INPUT_NUMBER)
        return take_numbers(source, column, design, err);
    if (input->kind == HANA_INPUT_BLOCK) return take_block(source, column, design, err);
    return take_codes(source, column, design, err);
}

static int is_csr(const hana_source *source)
{
    return source->input->kind == HANA_INPUT_BLOCK && source->block.layout == HANA_CSR;
}

static hana_status apply(hana_problem *p, const hana_design *design,
                         const hana_frame *frame, hana_job *job, hana_error *err)
{
    p->sources = hana_alloc_zero(design->n_inputs, sizeof *p->sources);
    p->columns = hana_alloc_zero(p->cols, sizeof *p->columns);
    if (!p->sources || !p->columns) return hana_fail_memory(err);
    for (size_t i = 0; i < design->n_inputs; i++) {
        HANA_TRY(hana_job_check(job, err));
        p->n_sources++;
        p->sources[i].input = &design->inputs[i];
        HANA_TRY(take_source(&p->sources[i], &design->inputs[i], design, frame, err));
        if (is_csr(&p->sources[i])) p->is_sparse = 1;
    }
    HANA_TRY(check_missing(design, frame, err));
    if (p->is_sparse && !(design->tags & HANA_TAG_SPARSE)) {
        p->is_sparse = 0;
        if ((double)p->rows * (double)p->cols * 8 > 4e9)
            return hana_fail(
                err, HANA_UNSUPPORTED,
                "%s does not take sparse features, and %zu x %zu dense ones would "
                "need %.1f GB: reduce them first",
                design->learner, p->rows, p->cols,
                (double)p->rows * (double)p->cols * 8e-9);
    }
    return HANA_OK;
}

hana_status hana_design_apply(hana_problem **out, const hana_design *design,
                              const hana_frame *frame, hana_job *job, hana_error *err)
{
    hana_problem *p = hana_alloc_zero(1, sizeof *p);
    if (!p) return hana_fail_memory(err);
    p->rows = hana_frame_rows(frame);
    p->cols = design->n_features;
    p->features = design->features;
    p->drop_first = design->drop_first;
    p->task = HANA_NO_TARGET;
    hana_status status = apply(p, design, frame, job, err);
    if (status == HANA_OK)
        *out = p;
    else
        hana_problem_free(p);
    return status;
}

static hana_status put_input(hana_writer *writer, const void *items, size_t i,
                             hana_error *err)
{
    const hana_input *input = (const hana_input *)items + i;
    HANA_TRY(hana_put_string(writer, "type", hana_type_name(input->type), err));
    HANA_TRY(hana_put_int(writer, "kind", input->kind, err));
    HANA_TRY(hana_put_int(writer, "cols", (int64_t)input->cols, err));
    HANA_TRY(hana_put_column(writer, "levels", input->levels, err));
    return hana_put_column(writer, "block_names", input->block_names, err);
}

static hana_status save_inputs(const hana_design *design, hana_writer *writer,
                               hana_error *err)
{
    hana_names names = { 0 };
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < design->n_inputs; i++)
        status = hana_names_add(&names, design->inputs[i].name, err);
    if (status == HANA_OK) status = hana_put_names(writer, "names", &names, err);
    if (status == HANA_OK)
        status = hana_put_each(writer, "inputs", &names, put_input, design->inputs, err);
    hana_names_clear(&names);
    return status;
}

hana_status hana_design_save(const hana_design *design, hana_writer *writer,
                             hana_error *err)
{
    HANA_TRY(hana_writer_enter(writer, "design", 1, err));
    hana_status status = hana_put_string(writer, "learner", design->learner, err);
    if (status == HANA_OK) status = hana_put_int(writer, "tags", design->tags, err);
    if (status == HANA_OK)
        status = hana_put_int(writer, "drop_first", design->drop_first, err);
    if (status == HANA_OK)
        status = hana_put_int(writer, "new_level", design->new_level, err);
    if (status == HANA_OK) status = save_inputs(design, writer, err);
    hana_writer_leave(writer);
    return status;
}

/* The names are there already: load_inputs puts them in. */
static hana_status get_input(hana_reader *reader, void *items, size_t i, hana_error *err)
{
    hana_input *input = (hana_input *)items + i;
    int64_t kind, cols;
    char *type = NULL;
    HANA_TRY(hana_get_string(reader, "type", &type, err));
    int known = type && hana_type_from_name(type, &input->type);
    hana_free(type);
    HANA_TRY(hana_get_int(reader, "kind", &kind, err));
    HANA_TRY(hana_get_int(reader, "cols", &cols, err));
    HANA_TRY(hana_get_column(reader, "levels", &input->levels, err));
    HANA_TRY(hana_get_column(reader, "block_names", &input->block_names, err));
    int text = kind == HANA_INPUT_ONE_HOT || kind == HANA_INPUT_CODES;
    int sound = known && kind >= 0 && kind <= HANA_INPUT_BLOCK && cols >= 0 &&
                cols < INT32_MAX && text == (input->levels != NULL) &&
                (kind == HANA_INPUT_BLOCK) == (input->block_names != NULL);
    if (sound && input->levels) {
        size_t n = hana_column_length(input->levels);
        sound = hana_column_type(input->levels) == HANA_STRING &&
                (kind == HANA_INPUT_CODES ? cols == 1
                                          : (size_t)cols <= n && (size_t)cols + 1 >= n);
    }
    if (sound && input->block_names)
        sound = hana_column_type(input->block_names) == HANA_STRING &&
                hana_column_length(input->block_names) == (size_t)cols;
    if (sound && kind == HANA_INPUT_NUMBER) sound = cols == 1;
    if (!sound)
        return hana_fail(err, HANA_BAD_FORMAT, "the model's input '%s' is damaged",
                         input->name);
    input->kind = (hana_input_kind)kind;
    input->cols = (size_t)cols;
    return HANA_OK;
}

static hana_status load_inputs(hana_design *design, hana_reader *reader, hana_error *err)
{
    hana_names names = { 0 };
    HANA_TRY(hana_get_names(reader, "names", &names, err));
    design->inputs = hana_alloc_zero(names.n, sizeof *design->inputs);
    hana_status status = design->inputs ? HANA_OK : hana_fail_memory(err);
    for (; status == HANA_OK && design->n_inputs < names.n; design->n_inputs++) {
        hana_input *input = &design->inputs[design->n_inputs];
        input->name = hana_strdup(names.items[design->n_inputs]);
        if (!input->name) status = hana_fail_memory(err);
    }
    if (status == HANA_OK)
        status = hana_get_each(reader, "inputs", &names, get_input, design->inputs, err);
    hana_names_clear(&names);
    return status;
}

static hana_status load(hana_design *design, hana_reader *reader, hana_error *err)
{
    int64_t tags, drop_first, level;
    HANA_TRY(hana_get_string(reader, "learner", &design->learner, err));
    HANA_TRY(hana_get_int(reader, "tags", &tags, err));
    HANA_TRY(hana_get_int(reader, "drop_first", &drop_first, err));
    HANA_TRY(hana_get_int(reader, "new_level", &level, err));
    if (!design->learner || level < 0 || level > HANA_LEVEL_MISSING)
        return hana_fail(err, HANA_BAD_FORMAT, "the model's design is damaged");
    design->tags = (unsigned)tags;
    design->drop_first = drop_first != 0;
    design->new_level = (hana_new_level)level;
    HANA_TRY(load_inputs(design, reader, err));
    return name_features(design, err);
}

hana_status hana_design_load(hana_design *out, hana_reader *reader, hana_error *err)
{
    hana_design made = { 0 };
    HANA_TRY(hana_reader_enter(reader, "design", NULL, err));
    hana_status status = load(&made, reader, err);
    hana_reader_leave(reader);
    if (status == HANA_OK)
        *out = made;
    else
        hana_design_clear(&made);
    return status;
}

/* One-hot levels become indicator values of their own, codes are looked up among the
 * levels. */
hana_status hana_design_export(const hana_design *design, hana_export *out,
                               hana_error *err)
{
    out->features = hana_alloc_zero(design->n_features, sizeof *out->features);
    if (!out->features) return hana_fail_memory(err);
    for (size_t j = 0; j < design->n_features; j++) {
        out->features[j] = hana_strdup(design->features[j].name);
        if (!out->features[j]) return hana_fail_memory(err);
        out->n_features++;
    }
    for (size_t i = 0; i < design->n_inputs; i++) {
        const hana_input *input = &design->inputs[i];
        if (input->kind == HANA_INPUT_BLOCK)
            return hana_fail(err, HANA_UNSUPPORTED, "block '%s' cannot be exported",
                             input->name);
        if (input->kind == HANA_INPUT_NUMBER) continue;
        hana_export_op *op;
        hana_export_op_kind kind =
            input->kind == HANA_INPUT_CODES ? HANA_EXPORT_CODE : HANA_EXPORT_CHECK_LEVEL;
        if (kind == HANA_EXPORT_CODE || design->new_level == HANA_LEVEL_ERROR) {
            HANA_TRY(hana_export_add(&op, out, kind, input->name, err));
            op->a = design->new_level;
            op->output = kind == HANA_EXPORT_CODE ? hana_strdup(input->name) : NULL;
            if (kind == HANA_EXPORT_CODE && !op->output) return hana_fail_memory(err);
            for (size_t k = 0; k < hana_column_length(input->levels); k++) {
                size_t length;
                const char *text = hana_column_string(input->levels, k, &length);
                char *level = hana_strndup(text, length);
                if (!level) return hana_fail_memory(err);
                hana_status status = hana_names_add(&op->levels, level, err);
                hana_free(level);
                if (status != HANA_OK) return status;
            }
        }
        size_t skip = design->drop_first ? 1 : 0;
        for (size_t k = 0; input->kind == HANA_INPUT_ONE_HOT && k < input->cols; k++) {
            size_t length;
            const char *text = hana_column_string(input->levels, k + skip, &length);
            HANA_TRY(hana_export_add(&op, out, HANA_EXPORT_INDICATOR, input->name, err));
            op->text = hana_strndup(text, length);
            op->output = hana_strdup(design->features[input->from + k].name);
            if (!op->text || !op->output) return hana_fail_memory(err);
        }
    }
    return HANA_OK;
}

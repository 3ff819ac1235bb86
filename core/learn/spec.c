#include "learn/spec.h"

#include "io/container.h"
#include "learn/estimator.h"
#include "learn/learner.h"
#include "learn/step.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* Options that every part has. */
typedef struct common {
    char *name;
    int64_t seed;
    int64_t threads;
    hana_value class_weights;
} common;

static const common common_defaults = { .seed = -1 };
static const hana_option common_rows[] = {
    HANA_OPTION_TEXT(common, name, .help = "how the part is addressed and shown"),
    HANA_OPTION_INTEGER(common, seed, .help = "seed of its random draws", .low = 0,
                        .high = INFINITY),
    HANA_OPTION_INTEGER(common, threads, .help = "threads it may use; 0: all", .low = 0,
                        .high = INFINITY),
    HANA_OPTION_ANY(common, class_weights, .help = "'balanced' or { class = weight }"),
};
static const hana_options common_table = { .size = sizeof(common),
                                           .defaults = &common_defaults,
                                           HANA_ROWS(common_rows) };

struct hana_spec {
    atomic_size_t references;
    const hana_part *part;
    common common;
    uint64_t given; /* a bit for each row of the part's options that was set */
    void *options;  /* part->options.size bytes */
};

static void free_spec(hana_spec *spec)
{
    hana_options_clear(&spec->common, &common_table);
    if (spec->options) hana_options_clear(spec->options, &spec->part->options);
    hana_free(spec->options);
    hana_free(spec);
}

const hana_spec *hana_spec_retain(const hana_spec *spec)
{
    if (spec) atomic_fetch_add(&((hana_spec *)(uintptr_t)spec)->references, 1);
    return spec;
}

void hana_spec_release(const hana_spec *spec)
{
    hana_spec *mine = (hana_spec *)(uintptr_t)spec;
    if (mine && atomic_fetch_sub(&mine->references, 1) == 1) free_spec(mine);
}

static void retain_object(const void *object)
{
    hana_spec_retain(object);
}

static void release_object(const void *object)
{
    hana_spec_release(object);
}

const hana_class hana_spec_class = { .name = "estimator",
                                     .retain = retain_object,
                                     .release = release_object };

static hana_status new_empty(hana_spec **out, const hana_part *part, hana_error *err)
{
    hana_spec *spec = hana_alloc_zero(1, sizeof *spec);
    if (!spec) return hana_fail_memory(err);
    atomic_init(&spec->references, 1);
    spec->part = part;
    spec->common = common_defaults;
    size_t size = part->options.size ? part->options.size : 1;
    spec->options = hana_alloc_zero(1, size);
    if (!spec->options) {
        free_spec(spec);
        return hana_fail_memory(err);
    }
    if (part->options.defaults) memcpy(spec->options, part->options.defaults, size);
    *out = spec;
    return HANA_OK;
}

static hana_status set(hana_spec *spec, const char *name, const hana_value *value,
                       hana_error *err)
{
    const hana_option *row = hana_option_find(&spec->part->options, name);
    if (row) {
        HANA_TRY(hana_option_set(spec->options, &spec->part->options, spec->part->name,
                                 name, value, err));
        spec->given |= UINT64_C(1) << (row - spec->part->options.rows);
        return HANA_OK;
    }
    if (strcmp(name, "class_weights") == 0) {
        if (spec->part->kind == HANA_PART_STEP ||
            !(spec->part->tags & HANA_TAG_CLASSIFICATION))
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "%s: option 'class_weights' is for classifiers",
                             spec->part->name);
        int balanced = value->kind == HANA_VALUE_STRING &&
                       strcmp(value->as.string.data, "balanced") == 0;
        if (!balanced && value->kind != HANA_VALUE_MAP)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "%s: option 'class_weights' must be 'balanced' or a table "
                             "{ class = weight }, got %s",
                             spec->part->name, hana_value_kind_name(value));
        for (size_t i = 0; !balanced && i < value->as.map->n; i++) {
            double weight;
            if (!hana_value_as_number(&value->as.map->items[i], &weight) ||
                !(weight >= 0) || isinf(weight))
                return hana_fail(err, HANA_BAD_ARGUMENT,
                                 "%s: the weight of class '%s' must be a number >= 0",
                                 spec->part->name, value->as.map->keys[i]);
        }
    }
    if (hana_option_find(&common_table, name))
        return hana_option_set(&spec->common, &common_table, spec->part->name, name,
                               value, err);
    /* Not known at all: let the part's own table say so, with the nearest name. */
    return hana_option_set(spec->options, &spec->part->options, spec->part->name, name,
                           value, err);
}

static int is_empty(const hana_spec *spec, const hana_option *row)
{
    hana_value value = { 0 };
    if (hana_option_get(&value, spec->options, row, NULL) != HANA_OK) return 0;
    int empty = value.kind == HANA_VALUE_NULL ||
                (value.kind == HANA_VALUE_LIST && value.as.list->n == 0);
    hana_value_clear(&value);
    return empty;
}

static hana_status check(const hana_spec *spec, hana_error *err)
{
    const hana_options *table = &spec->part->options;
    for (size_t i = 0; i < table->n; i++) {
        const hana_option *row = &table->rows[i];
        if (!(row->flags & HANA_REQUIRED)) continue;
        if (!(spec->given >> i & 1) || is_empty(spec, row)) {
            if (row->flags & HANA_POSITIONAL)
                return hana_fail(err, HANA_BAD_ARGUMENT, "%s: needs at least one part",
                                 spec->part->name);
            return hana_fail(err, HANA_BAD_ARGUMENT, "%s: option '%s' is required (%s)",
                             spec->part->name, row->name, row->help);
        }
    }
    switch (spec->part->kind) {
    case HANA_PART_LEARNER: {
        const hana_learner *learner = (const hana_learner *)spec->part;
        return learner->check ? learner->check(spec->options, err) : HANA_OK;
    }
    case HANA_PART_STEP: {
        const hana_step *step = (const hana_step *)spec->part;
        return step->check ? step->check(spec->options, err) : HANA_OK;
    }
    case HANA_PART_ESTIMATOR: {
        const hana_estimator *estimator = (const hana_estimator *)spec->part;
        return estimator->check ? estimator->check(spec, err) : HANA_OK;
    }
    }
    return HANA_OK;
}

/* Parts within parts are walked by recursion, and each level may ask the next twice. */
enum { DEEPEST = 16 };

static int depth_of(const hana_spec *spec)
{
    int deepest = 0;
    for (size_t i = 0; i < hana_spec_children(spec); i++) {
        int depth = depth_of(hana_spec_child(spec, i, NULL));
        if (depth > deepest) deepest = depth;
    }
    return deepest + 1;
}

hana_status hana_spec_new(hana_spec **out, const char *name, const hana_value *options,
                          hana_error *err)
{
    const hana_part *part = hana_part_find(name);
    if (!part) {
        size_t n;
        const hana_part *const *parts = hana_parts(&n);
        const char *names[256];
        for (size_t i = 0; i < n && i < 256; i++) names[i] = parts[i]->name;
        return hana_fail_unknown(err, "no estimator or step", name, "", names,
                                 n < 256 ? n : 256);
    }
    hana_spec *spec;
    HANA_TRY(new_empty(&spec, part, err));
    hana_status status = HANA_OK;
    if (options && options->kind == HANA_VALUE_MAP)
        for (size_t i = 0; status == HANA_OK && i < options->as.map->n; i++)
            status = set(spec, options->as.map->keys[i], &options->as.map->items[i], err);
    if (status == HANA_OK && depth_of(spec) > DEEPEST)
        status = hana_fail(err, HANA_BAD_ARGUMENT,
                           "%s: parts stand more than %d deep in each other", part->name,
                           DEEPEST);
    if (status == HANA_OK) status = check(spec, err);
    if (status == HANA_OK)
        *out = spec;
    else
        free_spec(spec);
    return status;
}

const hana_part *hana_spec_part(const hana_spec *spec)
{
    return spec->part;
}

const void *hana_spec_options(const hana_spec *spec)
{
    return spec->options;
}

const char *hana_spec_name(const hana_spec *spec)
{
    return spec->common.name ? spec->common.name : spec->part->name;
}

int hana_spec_seed(const hana_spec *spec, uint64_t *seed)
{
    if (spec->common.seed < 0) return 0;
    *seed = (uint64_t)spec->common.seed;
    return 1;
}

const hana_value *hana_spec_class_weights(const hana_spec *spec)
{
    return spec->common.class_weights.kind == HANA_VALUE_NULL
               ? NULL
               : &spec->common.class_weights;
}

int hana_spec_full_rank(const hana_spec *spec)
{
    if (spec->part->kind == HANA_PART_LEARNER) {
        const hana_learner *learner = (const hana_learner *)spec->part;
        return learner->full_rank && learner->full_rank(spec->options);
    }
    for (size_t i = 0; i < hana_spec_children(spec); i++)
        if (hana_spec_full_rank(hana_spec_child(spec, i, NULL))) return 1;
    return 0;
}

unsigned hana_spec_tags(const hana_spec *spec)
{
    if (spec->part->kind == HANA_PART_ESTIMATOR) {
        const hana_estimator *estimator = (const hana_estimator *)spec->part;
        if (estimator->tags) return estimator->tags(spec);
    }
    unsigned tags = spec->part->tags;
    if (spec->part->kind == HANA_PART_LEARNER &&
        ((const hana_learner *)spec->part)->predict_proba)
        tags |= HANA_TAG_PROBA;
    for (size_t r = 0; r < spec->part->options.n;
         r++) { /* a function of the script among them */
        const hana_option *row = &spec->part->options.rows[r];
        const void *at = (const char *)spec->options + row->offset;
        if (row->kind == HANA_HOST && ((const hana_host *)at)->token)
            tags |= HANA_TAG_HOST;
    }
    for (size_t i = 0; i < hana_spec_children(spec); i++)
        tags |= hana_spec_tags(hana_spec_child(spec, i, NULL)) & HANA_TAG_HOST;
    return tags;
}

/* Where child i is held among the options; NULL past the last. */
static const hana_spec **slot(const hana_spec *spec, size_t i, const char **name)
{
    const hana_options *table = &spec->part->options;
    for (size_t r = 0; r < table->n; r++) {
        const hana_option *row = &table->rows[r];
        void *at = (char *)spec->options + row->offset;
        if (row->kind == HANA_ESTIMATORS || row->kind == HANA_NAMED_ESTIMATORS) {
            hana_specs *specs = at;
            if (i < specs->n) {
                if (name) *name = specs->names.items[i];
                return &specs->items[i];
            }
            i -= specs->n;
        } else if (row->kind == HANA_ESTIMATOR || row->kind == HANA_MODEL) {
            const hana_spec **held = row->kind == HANA_MODEL
                                         ? &((hana_model_ref *)at)->spec
                                         : (const hana_spec **)at;
            if (!*held) continue;
            if (i == 0) {
                if (name) *name = row->name;
                return held;
            }
            i--;
        }
    }
    return NULL;
}

size_t hana_spec_children(const hana_spec *spec)
{
    size_t n = 0;
    while (slot(spec, n, NULL)) n++;
    return n;
}

const hana_spec *hana_spec_child(const hana_spec *spec, size_t i, const char **name)
{
    const hana_spec **held = slot(spec, i, name);
    return held ? *held : NULL;
}

static hana_status copy(hana_spec **out, const hana_spec *spec, hana_error *err)
{
    hana_spec *made;
    HANA_TRY(new_empty(&made, spec->part, err));
    hana_status status =
        hana_options_copy(made->options, spec->options, &spec->part->options, err);
    if (status == HANA_OK)
        status = hana_options_copy(&made->common, &spec->common, &common_table, err);
    if (status != HANA_OK) {
        free_spec(made);
        return status;
    }
    made->given = spec->given;
    *out = made;
    return HANA_OK;
}

static int has_option(const hana_spec *spec, const char *name)
{
    return hana_option_find(&spec->part->options, name) ||
           hana_option_find(&common_table, name);
}

/* Collects the paths below `spec` whose last piece is an option of that name. */
static hana_status find_paths(hana_names *out, const hana_spec *spec, const char *prefix,
                              const char *name, hana_error *err)
{
    for (size_t i = 0; i < hana_spec_children(spec); i++) {
        const char *child_name;
        const hana_spec *child = hana_spec_child(spec, i, &child_name);
        hana_text path = { 0 };
        hana_text_printf(&path, "%s%s%s", prefix, *prefix ? "." : "", child_name);
        hana_status status = path.failed ? hana_fail_memory(err) : HANA_OK;
        if (status == HANA_OK) status = find_paths(out, child, path.data, name, err);
        if (status == HANA_OK && hana_option_find(&child->part->options, name)) {
            hana_text_printf(&path, ".%s", name);
            status =
                path.failed ? hana_fail_memory(err) : hana_names_add(out, path.data, err);
        }
        hana_text_clear(&path);
        if (status != HANA_OK) return status;
    }
    return HANA_OK;
}

static hana_status fail_path(const hana_spec *spec, const char *path, size_t length,
                             hana_error *err)
{
    hana_text known = { 0 };
    for (size_t i = 0; i < hana_spec_children(spec); i++) {
        const char *name;
        hana_spec_child(spec, i, &name);
        hana_text_printf(&known, "%s%s", i ? ", " : "", name);
    }
    hana_status status =
        known.length
            ? hana_fail(err, HANA_NO_SUCH_NAME, "%s has no part '%.*s'; its parts are %s",
                        hana_spec_name(spec), (int)length, path, known.data)
            : hana_fail(err, HANA_NO_SUCH_NAME,
                        "%s has no parts, so none is named '%.*s'", hana_spec_name(spec),
                        (int)length, path);
    hana_text_clear(&known);
    return status;
}

static hana_status with_path(hana_spec **out, const hana_spec *spec, const char *path,
                             const hana_value *value, hana_error *err)
{
    hana_spec *made;
    HANA_TRY(copy(&made, spec, err));
    const char *dot = strchr(path, '.');
    hana_status status;
    if (!dot) {
        status = set(made, path, value, err);
    } else {
        size_t length = (size_t)(dot - path), i = 0;
        const char *name = NULL;
        const hana_spec **held;
        while ((held = slot(made, i, &name)) &&
               (strlen(name) != length || strncmp(name, path, length) != 0))
            i++;
        hana_spec *child = NULL;
        status = held ? with_path(&child, *held, dot + 1, value, err)
                      : fail_path(spec, path, length, err);
        if (status == HANA_OK) {
            hana_spec_release(*held);
            *held = child;
        }
    }
    if (status == HANA_OK) status = check(made, err);
    if (status == HANA_OK)
        *out = made;
    else
        free_spec(made);
    return status;
}

hana_status hana_spec_with(hana_spec **out, const hana_spec *spec, const char *path,
                           const hana_value *value, hana_error *err)
{
    if (strchr(path, '.') || has_option(spec, path))
        return with_path(out, spec, path, value, err);
    hana_names paths = { 0 };
    hana_status status = find_paths(&paths, spec, "", path, err);
    if (status == HANA_OK && paths.n == 0)
        status = hana_fail(err, HANA_NO_SUCH_NAME, "%s and its parts have no option '%s'",
                           hana_spec_name(spec), path);
    if (status == HANA_OK && paths.n > 1)
        status = hana_fail(err, HANA_NO_SUCH_NAME,
                           "option '%s' stands in several parts: say '%s' or '%s'", path,
                           paths.items[0], paths.items[1]);
    if (status == HANA_OK) status = with_path(out, spec, paths.items[0], value, err);
    hana_names_clear(&paths);
    return status;
}

static hana_status add_param(hana_value *map, const void *options, const hana_option *row,
                             hana_error *err)
{
    hana_value value = { 0 };
    HANA_TRY(hana_option_get(&value, options, row, err));
    return hana_value_set(map, row->name, value, err);
}

hana_status hana_spec_params(hana_value *out, const hana_spec *spec, int given,
                             hana_error *err)
{
    hana_value map = { 0 };
    HANA_TRY(hana_value_new_map(&map, err));
    hana_status status = HANA_OK;
    const hana_options *table = &spec->part->options;
    for (size_t i = 0; status == HANA_OK && i < table->n; i++) {
        if (table->rows[i].flags & HANA_HIDDEN) continue;
        if (given && !(spec->given >> i & 1)) continue;
        status = add_param(&map, spec->options, &table->rows[i], err);
    }
    for (size_t i = 0; status == HANA_OK && i < common_table.n; i++) {
        const hana_option *row = &common_rows[i];
        int set_here = row->kind == HANA_TEXT  ? spec->common.name != NULL
                       : row->kind == HANA_ANY ? hana_spec_class_weights(spec) != NULL
                       : strcmp(row->name, "seed") == 0 ? spec->common.seed >= 0
                                                        : spec->common.threads > 0;
        if (set_here) status = add_param(&map, &spec->common, row, err);
    }
    if (status == HANA_OK)
        *out = map;
    else
        hana_value_clear(&map);
    return status;
}

void hana_spec_describe(hana_text *out, const hana_spec *spec)
{
    hana_text_puts(out, hana_spec_name(spec));
    size_t n = hana_spec_children(spec);
    for (size_t i = 0; i < n; i++) {
        hana_text_puts(out, i ? ", " : "(");
        hana_spec_describe(out, hana_spec_child(spec, i, NULL));
    }
    if (n) hana_text_puts(out, ")");
}

static hana_status save_children(const hana_specs *specs, hana_writer *writer,
                                 const char *key, hana_job *job, hana_error *err)
{
    HANA_TRY(hana_writer_enter(writer, key, 1, err));
    hana_status status = hana_put_names(writer, "names", &specs->names, err);
    for (size_t i = 0; status == HANA_OK && i < specs->n; i++)
        status = hana_spec_save(specs->items[i], writer, specs->names.items[i], job, err);
    hana_writer_leave(writer);
    return status;
}

static hana_status save_option(const hana_spec *spec, const hana_option *row,
                               hana_writer *writer, hana_job *job, hana_error *err)
{
    const void *at = (const char *)spec->options + row->offset;
    switch (row->kind) {
    case HANA_ESTIMATORS:
    case HANA_NAMED_ESTIMATORS:
        return save_children(at, writer, row->name, job, err);
    case HANA_ESTIMATOR:
        return hana_spec_save(*(const hana_spec *const *)at, writer, row->name, job, err);
    case HANA_MODEL: /* what it was fitted to is not this model's to keep */
        return hana_spec_save(((const hana_model_ref *)at)->spec, writer, row->name, job,
                              err);
    case HANA_HOST:
        if (!spec->common.name)
            return hana_fail(
                err, HANA_UNSUPPORTED,
                "%s: a model with functions of the script is saved by its name: "
                "give it `name =`, and define it under that name before loading",
                spec->part->name);
        return hana_put_string(writer, row->name, spec->common.name, err);
    default:
        break;
    }
    hana_value value = { 0 };
    HANA_TRY(hana_option_get(&value, spec->options, row, err));
    hana_status status = hana_put_value(writer, row->name, &value, err);
    hana_value_clear(&value);
    return status;
}

hana_status hana_spec_save(const hana_spec *spec, hana_writer *writer, const char *key,
                           hana_job *job, hana_error *err)
{
    HANA_TRY(hana_writer_enter(writer, key, spec->part->version, err));
    hana_status status = hana_put_string(writer, "part", spec->part->name, err);
    if (status == HANA_OK)
        status = hana_put_string(writer, "name", spec->common.name, err);
    if (status == HANA_OK) status = hana_put_int(writer, "seed", spec->common.seed, err);
    if (status == HANA_OK)
        status =
            hana_put_value(writer, "class_weights", &spec->common.class_weights, err);
    if (status == HANA_OK) status = hana_writer_enter(writer, "options", 1, err);
    if (status == HANA_OK) {
        const hana_options *table = &spec->part->options;
        for (size_t i = 0; status == HANA_OK && i < table->n; i++)
            if (spec->given >> i & 1)
                status = save_option(spec, &table->rows[i], writer, job, err);
        hana_writer_leave(writer);
    }
    hana_writer_leave(writer);
    return status;
}

static hana_status load_children(hana_value *out, hana_reader *reader, const char *key,
                                 hana_job *job, hana_error *err)
{
    HANA_TRY(hana_reader_enter(reader, key, NULL, err));
    hana_names names = { 0 };
    hana_status status = hana_get_names(reader, "names", &names, err);
    if (status == HANA_OK) status = hana_value_new_map(out, err);
    for (size_t i = 0; status == HANA_OK && i < names.n; i++) {
        hana_spec *child;
        status = hana_spec_load(&child, reader, names.items[i], job, err);
        if (status != HANA_OK) break;
        status = hana_value_set(out, names.items[i],
                                hana_value_object(&hana_spec_class, child), err);
        hana_spec_release(child);
    }
    hana_names_clear(&names);
    hana_reader_leave(reader);
    return status;
}

static hana_status load_host(hana_value *out, hana_reader *reader, const hana_option *row,
                             const char *part, hana_job *job, hana_error *err)
{
    const hana_host_ops *ops = hana_host_registered();
    char *name;
    HANA_TRY(hana_get_string(reader, row->name, &name, err));
    hana_status status = HANA_OK;
    uint64_t token = 0;
    if (!ops || !job || !job->host || !name) {
        status = hana_fail(
            err, HANA_UNSUPPORTED,
            "%s: this model needs functions of a script, and there is no script", part);
    } else {
        hana_text full = { 0 };
        hana_text_printf(&full, "%s.%s", name, row->name);
        status = full.failed ? hana_fail_memory(err)
                             : ops->find(job->host, full.data, &token, err);
        hana_text_clear(&full);
        if (status == HANA_OK) {
            status = hana_host_value(out, ops, token, err);
            ops->release(token);
        }
    }
    hana_free(name);
    return status;
}

static hana_status load_option(hana_spec *spec, const hana_option *row,
                               hana_reader *reader, hana_job *job, hana_error *err)
{
    hana_value value = { 0 };
    hana_status status;
    hana_spec *child;
    switch (row->kind) {
    case HANA_ESTIMATORS:
    case HANA_NAMED_ESTIMATORS:
        status = load_children(&value, reader, row->name, job, err);
        break;
    case HANA_ESTIMATOR:
    case HANA_MODEL:
        status = hana_spec_load(&child, reader, row->name, job, err);
        if (status == HANA_OK) {
            value = hana_value_object(&hana_spec_class, child);
            hana_spec_release(child);
        }
        break;
    case HANA_HOST:
        status = load_host(&value, reader, row, spec->part->name, job, err);
        break;
    default:
        status = hana_get_value(reader, row->name, &value, err);
        break;
    }
    if (status == HANA_OK && value.kind != HANA_VALUE_NULL)
        status = set(spec, row->name, &value, err);
    hana_value_clear(&value);
    return status;
}

static hana_status load_common(hana_spec *spec, hana_reader *reader, hana_error *err)
{
    char *name = NULL;
    HANA_TRY(hana_get_string(reader, "name", &name, err));
    spec->common.name = name;
    HANA_TRY(hana_get_int(reader, "seed", &spec->common.seed, err));
    return hana_get_value(reader, "class_weights", &spec->common.class_weights, err);
}

static hana_status load_options(hana_spec *spec, hana_reader *reader, hana_job *job,
                                hana_error *err)
{
    HANA_TRY(hana_reader_enter(reader, "options", NULL, err));
    hana_status status = HANA_OK;
    const hana_options *table = &spec->part->options;
    for (size_t i = 0; status == HANA_OK && i < table->n; i++)
        if (hana_reader_has(reader, table->rows[i].name))
            status = load_option(spec, &table->rows[i], reader, job, err);
    hana_reader_leave(reader);
    return status;
}

hana_status hana_spec_load(hana_spec **out, hana_reader *reader, const char *key,
                           hana_job *job, hana_error *err)
{
    int version;
    HANA_TRY(hana_reader_enter(reader, key, &version, err));
    char *name = NULL;
    hana_spec *spec = NULL;
    hana_status status = hana_get_string(reader, "part", &name, err);
    const hana_part *part = status == HANA_OK && name ? hana_part_find(name) : NULL;
    if (status == HANA_OK && !part)
        status =
            hana_fail(err, HANA_BAD_FORMAT, "the model needs '%s', which this hana lacks",
                      name ? name : "?");
    if (status == HANA_OK && version > part->version)
        status = hana_fail(
            err, HANA_BAD_FORMAT,
            "%s: the model was saved by a newer hana (format %d, known up to %d)", name,
            version, part->version);
    if (status == HANA_OK) status = new_empty(&spec, part, err);
    if (status == HANA_OK) status = load_common(spec, reader, err);
    if (status == HANA_OK) status = load_options(spec, reader, job, err);
    if (status == HANA_OK) status = check(spec, err);
    hana_free(name);
    hana_reader_leave(reader);
    if (status == HANA_OK)
        *out = spec;
    else if (spec)
        free_spec(spec);
    return status;
}

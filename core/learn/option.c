#include "learn/option.h"

#include "base/text.h"
#include "learn/estimator.h"
#include "learn/spec.h"

#include <math.h>
#include <string.h>

static void *field(void *options, const hana_option *row)
{
    return (char *)options + row->offset;
}

static const void *field_const(const void *options, const hana_option *row)
{
    return (const char *)options + row->offset;
}

const hana_option *hana_option_find(const hana_options *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++)
        if (strcmp(table->rows[i].name, name) == 0) return &table->rows[i];
    return NULL;
}

static int limited(const hana_option *row)
{
    return row->low != 0 || row->high != 0 ||
           (row->flags & (HANA_LOW_OPEN | HANA_HIGH_OPEN));
}

static void print_number(hana_text *out, double value)
{
    char text[HANA_NUMBER_SIZE];
    hana_print_double(text, value, 0);
    hana_text_puts(out, text);
}

/* A row with high 0 and low >= 0 has no upper limit: INFINITY would be the honest value,
   but zeroed fields must mean "not said". */
static double upper(const hana_option *row)
{
    return row->high == 0 && row->low >= 0 ? (double)INFINITY : row->high;
}

static void describe_limits(hana_text *out, const hana_option *row)
{
    if (!limited(row)) return;
    double high = upper(row);
    if (isfinite(row->low)) {
        hana_text_puts(out, row->flags & HANA_LOW_OPEN ? " > " : " >= ");
        print_number(out, row->low);
    }
    if (isfinite(high)) {
        if (isfinite(row->low)) hana_text_puts(out, " and");
        hana_text_puts(out, row->flags & HANA_HIGH_OPEN ? " < " : " <= ");
        print_number(out, high);
    }
}

static void describe_choices(hana_text *out, const hana_option *row)
{
    for (size_t i = 0; row->choices[i]; i++)
        hana_text_printf(out, "%s'%s'", i ? ", " : "", row->choices[i]);
}

void hana_option_describe(hana_text *out, const hana_option *row)
{
    switch (row->kind) {
    case HANA_NUMBER:
        hana_text_puts(out, "a number");
        describe_limits(out, row);
        return;
    case HANA_INTEGER:
        hana_text_puts(out, "an integer");
        describe_limits(out, row);
        return;
    case HANA_FLAG:
        hana_text_puts(out, "true or false");
        return;
    case HANA_CHOICE:
        hana_text_puts(out, "one of ");
        describe_choices(out, row);
        return;
    case HANA_NUMBER_OR_CHOICE:
        hana_text_puts(out, "a number");
        describe_limits(out, row);
        hana_text_puts(out, " or one of ");
        describe_choices(out, row);
        return;
    case HANA_TEXT:
        hana_text_puts(out, "a string");
        return;
    case HANA_NUMBERS:
        hana_text_puts(out, "a list of numbers");
        describe_limits(out, row);
        return;
    case HANA_COLUMNS:
        hana_text_puts(out, "a list of column names or hana.cols{...}");
        return;
    case HANA_COLUMN_LISTS:
        hana_text_puts(out, "a list of lists of column names");
        return;
    case HANA_EXPRESSION:
        hana_text_puts(out, "an expression in a string");
        return;
    case HANA_EXPRESSIONS:
        hana_text_puts(out, "a list of { name, expression }");
        return;
    case HANA_HOST:
        hana_text_puts(out, "a function");
        return;
    case HANA_MODEL:
    case HANA_ESTIMATOR:
        hana_text_puts(out, "an estimator");
        return;
    case HANA_ESTIMATORS:
        hana_text_puts(out, "a list of estimators");
        return;
    case HANA_NAMED_ESTIMATORS:
        hana_text_puts(out, "a list of { name, estimator }");
        return;
    case HANA_ANY:
        hana_text_puts(out, "a value");
        return;
    }
}

static const hana_spec *spec_of(const hana_value *value)
{
    const hana_spec *spec = hana_value_pointer(value, &hana_spec_class);
    if (spec) return spec;
    const hana_fitted *fitted = hana_value_pointer(value, &hana_fitted_class);
    return fitted ? hana_fitted_spec(fitted) : NULL;
}

/* What was given, as it is put into a message. */
static void describe_value(hana_text *out, const hana_value *value, hana_option_kind kind)
{
    size_t k = 0;
    const hana_value_list *list =
        kind == HANA_ESTIMATORS && value->kind == HANA_VALUE_LIST ? value->as.list : NULL;
    while (list && k < list->n && spec_of(&list->items[k])) k++;
    if (list && k < list->n)
        hana_text_printf(out, "%s at %zu", hana_value_kind_name(&list->items[k]), k + 1);
    else if (value->kind == HANA_VALUE_STRING)
        hana_text_printf(out, "'%.60s'", value->as.string.data);
    else if (value->kind == HANA_VALUE_BOOL)
        hana_text_puts(out, value->as.boolean ? "true" : "false");
    else if (value->kind == HANA_VALUE_INT)
        hana_text_printf(out, "%lld", (long long)value->as.integer);
    else if (value->kind == HANA_VALUE_NUMBER)
        print_number(out, value->as.number);
    else
        hana_text_puts(out, hana_value_kind_name(value));
}

static hana_status refuse(hana_error *err, const char *owner, const hana_option *row,
                          const hana_value *value)
{
    hana_text accepts = { 0 }, got = { 0 };
    hana_option_describe(&accepts, row);
    describe_value(&got, value, row->kind);
    hana_status status =
        accepts.failed || got.failed
            ? hana_fail_memory(err)
            : hana_fail(err, HANA_BAD_ARGUMENT, "%s: option '%s' must be %s, got %s",
                        owner, row->name, accepts.data, got.data);
    hana_text_clear(&accepts);
    hana_text_clear(&got);
    return status;
}

static int in_limits(const hana_option *row, double x)
{
    if (isnan(x)) return 0;
    if (!limited(row)) return 1;
    if (row->flags & HANA_LOW_OPEN ? x <= row->low : x < row->low) return 0;
    double high = upper(row);
    return row->flags & HANA_HIGH_OPEN ? x < high : x <= high;
}

static int find_choice(const hana_option *row, const hana_value *value)
{
    if (value->kind != HANA_VALUE_STRING) return -1;
    for (int i = 0; row->choices[i]; i++)
        if (strcmp(row->choices[i], value->as.string.data) == 0) return i;
    return -1;
}

static void clear_specs(hana_specs *specs)
{
    for (size_t i = 0; i < specs->n; i++) hana_spec_release(specs->items[i]);
    hana_free(specs->items);
    hana_names_clear(&specs->names);
    *specs = (hana_specs){ 0 };
}

static void clear_exprs(hana_named_exprs *exprs)
{
    for (size_t i = 0; i < exprs->names.n && exprs->exprs; i++)
        hana_expr_release(exprs->exprs[i]);
    hana_free(exprs->exprs);
    hana_names_clear(&exprs->names);
    *exprs = (hana_named_exprs){ 0 };
}

static void clear_lists(hana_column_lists *lists)
{
    for (size_t i = 0; i < lists->n; i++) hana_columns_clear(&lists->items[i]);
    hana_free(lists->items);
    *lists = (hana_column_lists){ 0 };
}

static void clear_host(hana_host *host)
{
    if (host->token) host->ops->release(host->token);
    *host = (hana_host){ 0 };
}

static void clear_field(void *at, hana_option_kind kind)
{
    switch (kind) {
    case HANA_NUMBER:
    case HANA_INTEGER:
    case HANA_FLAG:
    case HANA_CHOICE:
    case HANA_NUMBER_OR_CHOICE:
        return;
    case HANA_TEXT:
        hana_free(*(char **)at);
        *(char **)at = NULL;
        return;
    case HANA_NUMBERS:
        hana_free(((hana_numbers *)at)->items);
        *(hana_numbers *)at = (hana_numbers){ 0 };
        return;
    case HANA_COLUMNS:
        hana_columns_clear(at);
        return;
    case HANA_COLUMN_LISTS:
        clear_lists(at);
        return;
    case HANA_EXPRESSION:
        hana_expr_release(*(const hana_expr **)at);
        *(const hana_expr **)at = NULL;
        return;
    case HANA_EXPRESSIONS:
        clear_exprs(at);
        return;
    case HANA_HOST:
        clear_host(at);
        return;
    case HANA_MODEL: {
        hana_model_ref *ref = at;
        hana_spec_release(ref->spec);
        if (ref->fitted) hana_fitted_class.release(ref->fitted);
        *ref = (hana_model_ref){ 0 };
        return;
    }
    case HANA_ESTIMATOR:
        hana_spec_release(*(const hana_spec **)at);
        *(const hana_spec **)at = NULL;
        return;
    case HANA_ESTIMATORS:
    case HANA_NAMED_ESTIMATORS:
        clear_specs(at);
        return;
    case HANA_ANY:
        hana_value_clear(at);
        return;
    }
}

/* The bytes of a field, for the generic moves of set and copy. */
static size_t field_size(hana_option_kind kind)
{
    switch (kind) {
    case HANA_NUMBER:
        return sizeof(double);
    case HANA_INTEGER:
        return sizeof(int64_t);
    case HANA_FLAG:
    case HANA_CHOICE:
        return sizeof(int);
    case HANA_NUMBER_OR_CHOICE:
        return sizeof(hana_number_or_choice);
    case HANA_TEXT:
    case HANA_EXPRESSION:
    case HANA_ESTIMATOR:
        return sizeof(void *);
    case HANA_NUMBERS:
        return sizeof(hana_numbers);
    case HANA_COLUMNS:
        return sizeof(hana_columns);
    case HANA_COLUMN_LISTS:
        return sizeof(hana_column_lists);
    case HANA_EXPRESSIONS:
        return sizeof(hana_named_exprs);
    case HANA_HOST:
        return sizeof(hana_host);
    case HANA_MODEL:
        return sizeof(hana_model_ref);
    case HANA_ESTIMATORS:
    case HANA_NAMED_ESTIMATORS:
        return sizeof(hana_specs);
    case HANA_ANY:
        return sizeof(hana_value);
    }
    return 0;
}

/* Fields that own memory or hold references. */
static int is_owned(hana_option_kind kind)
{
    return kind != HANA_NUMBER && kind != HANA_INTEGER && kind != HANA_FLAG &&
           kind != HANA_CHOICE && kind != HANA_NUMBER_OR_CHOICE;
}

/* The largest of all field types, so that one can be made aside and moved in on success.
 */
typedef union any_field {
    double number;
    int64_t integer;
    int flag;
    hana_number_or_choice number_or_choice;
    char *text;
    hana_numbers numbers;
    hana_columns columns;
    hana_column_lists lists;
    const hana_expr *expr;
    hana_named_exprs exprs;
    hana_host host;
    hana_model_ref model;
    const hana_spec *spec;
    hana_specs specs;
    hana_value value;
} any_field;

/* A list is walked as it stands; anything else is a list of one. */
static size_t list_length(const hana_value *value)
{
    return value->kind == HANA_VALUE_LIST ? value->as.list->n : 1;
}

static const hana_value *list_item(const hana_value *value, size_t i)
{
    return value->kind == HANA_VALUE_LIST ? &value->as.list->items[i] : value;
}

/* A field is being filled from one value; refusals name the owner and the row. */
typedef struct filling {
    const char *owner;
    const hana_option *row;
    const hana_value *value;
    hana_error *err;
} filling;

static hana_status refused(const filling *f)
{
    return refuse(f->err, f->owner, f->row, f->value);
}

static hana_status fill_numbers(hana_numbers *out, const filling *f)
{
    size_t n = list_length(f->value);
    out->items = hana_alloc(n, sizeof *out->items);
    if (!out->items) return hana_fail_memory(f->err);
    out->n = n;
    for (size_t i = 0; i < n; i++)
        if (!hana_value_as_number(list_item(f->value, i), &out->items[i]) ||
            !in_limits(f->row, out->items[i]))
            return refused(f);
    return HANA_OK;
}

static hana_status fill_lists(hana_column_lists *out, const filling *f)
{
    if (f->value->kind != HANA_VALUE_LIST) return refused(f);
    size_t n = f->value->as.list->n;
    out->items = hana_alloc_zero(n, sizeof *out->items);
    if (!out->items) return hana_fail_memory(f->err);
    out->n = n;
    for (size_t i = 0; i < n; i++)
        HANA_TRY(hana_columns_from_value(&out->items[i], &f->value->as.list->items[i],
                                         f->err));
    return HANA_OK;
}

/* { name, thing } out of a list, or an entry of a map: both forms are accepted. */
static int pair(const hana_value *value, size_t i, const char **name,
                const hana_value **thing)
{
    if (value->kind == HANA_VALUE_MAP) {
        *name = value->as.map->keys[i];
        *thing = &value->as.map->items[i];
        return 1;
    }
    const hana_value *item = &value->as.list->items[i];
    if (item->kind != HANA_VALUE_LIST || item->as.list->n != 2) return 0;
    if (item->as.list->items[0].kind != HANA_VALUE_STRING) return 0;
    *name = item->as.list->items[0].as.string.data;
    *thing = &item->as.list->items[1];
    return 1;
}

static int pairs(const hana_value *value, size_t *n)
{
    if (value->kind == HANA_VALUE_MAP)
        *n = value->as.map->n;
    else if (value->kind == HANA_VALUE_LIST)
        *n = value->as.list->n;
    else
        return 0;
    return 1;
}

static hana_status fill_expr(const hana_expr **out, const hana_value *value,
                             const filling *f)
{
    const hana_expr *known = hana_value_pointer(value, &hana_expr_class);
    if (known) {
        *out = hana_expr_retain(known);
        return HANA_OK;
    }
    if (value->kind != HANA_VALUE_STRING) return refused(f);
    hana_expr *made;
    hana_status status = hana_expr_parse(&made, value->as.string.data,
                                         value->as.string.length, NULL, f->err);
    if (status != HANA_OK)
        return hana_fail_prefix(f->err, status, "%s: option '%s': ", f->owner,
                                f->row->name);
    *out = made;
    return HANA_OK;
}

static hana_status fill_exprs(hana_named_exprs *out, const filling *f)
{
    size_t n;
    if (!pairs(f->value, &n)) return refused(f);
    out->exprs = hana_alloc_zero(n, sizeof *out->exprs);
    if (!out->exprs) return hana_fail_memory(f->err);
    for (size_t i = 0; i < n; i++) {
        const char *name;
        const hana_value *thing;
        if (!pair(f->value, i, &name, &thing)) return refused(f);
        HANA_TRY(hana_names_add(&out->names, name, f->err));
        HANA_TRY(fill_expr(&out->exprs[i], thing, f));
    }
    return HANA_OK;
}

static hana_status add_spec(hana_specs *out, const char *name, const hana_value *thing,
                            const filling *f)
{
    const hana_spec *spec = spec_of(thing);
    if (!spec) return refused(f);
    if (hana_names_find(&out->names, name) >= 0)
        return hana_fail(f->err, HANA_BAD_ARGUMENT, "%s: two parts are named '%s'",
                         f->owner, name);
    HANA_TRY(hana_names_add(&out->names, name, f->err));
    out->items[out->n++] = hana_spec_retain(spec);
    return HANA_OK;
}

/* "impute", "impute_2", ...: the name under which a listed part is addressed. */
static hana_status listed_name(hana_text *out, const hana_names *taken, const char *name,
                               hana_error *err)
{
    hana_text_clear(out);
    hana_text_puts(out, name);
    for (int i = 2; !out->failed && hana_names_find(taken, out->data) >= 0; i++) {
        out->length = 0;
        hana_text_printf(out, "%s_%d", name, i);
    }
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

static hana_status fill_specs(hana_specs *out, const filling *f)
{
    size_t n;
    if (!pairs(f->value, &n)) return refused(f);
    out->items = hana_alloc_zero(n, sizeof *out->items);
    if (!out->items) return hana_fail_memory(f->err);
    for (size_t i = 0; i < n; i++) {
        const char *name;
        const hana_value *thing;
        if (pair(f->value, i, &name, &thing)) {
            HANA_TRY(add_spec(out, name, thing, f));
            continue;
        }
        if (f->value->kind != HANA_VALUE_LIST) return refused(f);
        thing = &f->value->as.list->items[i];
        if (!spec_of(thing)) return refused(f);
        hana_text made = { 0 };
        hana_status status =
            listed_name(&made, &out->names, hana_spec_name(spec_of(thing)), f->err);
        if (status == HANA_OK) status = add_spec(out, made.data, thing, f);
        hana_text_clear(&made);
        if (status != HANA_OK) return status;
    }
    return HANA_OK;
}

static hana_status fill_model(hana_model_ref *out, const filling *f)
{
    const hana_fitted *fitted = hana_value_pointer(f->value, &hana_fitted_class);
    const hana_spec *spec = spec_of(f->value);
    if (!spec) return refused(f);
    out->spec = hana_spec_retain(spec);
    if (fitted) hana_fitted_class.retain(fitted);
    out->fitted = fitted;
    return HANA_OK;
}

static hana_status fill_host(hana_host *out, const filling *f)
{
    const hana_host *host = hana_value_pointer(f->value, &hana_host_class);
    if (!host) return refused(f);
    host->ops->retain(host->token);
    *out = *host;
    return HANA_OK;
}

/* Fills an empty field; on failure the caller clears it. */
static hana_status fill(any_field *out, const filling *f)
{
    const hana_value *value = f->value;
    switch (f->row->kind) {
    case HANA_NUMBER:
        if (!hana_value_as_number(value, &out->number) || !in_limits(f->row, out->number))
            return refused(f);
        return HANA_OK;
    case HANA_INTEGER:
        if (!hana_value_as_int(value, &out->integer) ||
            !in_limits(f->row, (double)out->integer))
            return refused(f);
        return HANA_OK;
    case HANA_FLAG:
        if (value->kind != HANA_VALUE_BOOL) return refused(f);
        out->flag = value->as.boolean;
        return HANA_OK;
    case HANA_CHOICE:
        out->flag = find_choice(f->row, value);
        return out->flag < 0 ? refused(f) : HANA_OK;
    case HANA_NUMBER_OR_CHOICE:
        out->number_or_choice.choice = find_choice(f->row, value);
        if (out->number_or_choice.choice >= 0) return HANA_OK;
        if (!hana_value_as_number(value, &out->number_or_choice.number) ||
            !in_limits(f->row, out->number_or_choice.number))
            return refused(f);
        return HANA_OK;
    case HANA_TEXT:
        if (value->kind != HANA_VALUE_STRING) return refused(f);
        out->text = hana_strndup(value->as.string.data, value->as.string.length);
        return out->text ? HANA_OK : hana_fail_memory(f->err);
    case HANA_NUMBERS:
        return fill_numbers(&out->numbers, f);
    case HANA_COLUMNS: {
        hana_status status = hana_columns_from_value(&out->columns, value, f->err);
        return status == HANA_BAD_TYPE || status == HANA_BAD_ARGUMENT ? refused(f)
                                                                      : status;
    }
    case HANA_COLUMN_LISTS:
        return fill_lists(&out->lists, f);
    case HANA_EXPRESSION:
        return fill_expr(&out->expr, value, f);
    case HANA_EXPRESSIONS:
        return fill_exprs(&out->exprs, f);
    case HANA_HOST:
        return fill_host(&out->host, f);
    case HANA_MODEL:
        return fill_model(&out->model, f);
    case HANA_ESTIMATOR:
        if (!spec_of(value)) return refused(f);
        out->spec = hana_spec_retain(spec_of(value));
        return HANA_OK;
    case HANA_ESTIMATORS:
    case HANA_NAMED_ESTIMATORS:
        return fill_specs(&out->specs, f);
    case HANA_ANY:
        return hana_value_copy(&out->value, value, f->err);
    }
    return HANA_OK;
}

hana_status hana_option_set(void *options, const hana_options *table, const char *owner,
                            const char *name, const hana_value *value, hana_error *err)
{
    const hana_option *row = hana_option_find(table, name);
    if (!row) {
        const char *known[64];
        size_t n = 0;
        for (size_t i = 0; i < table->n && n < 64; i++)
            if (!(table->rows[i].flags & HANA_HIDDEN)) known[n++] = table->rows[i].name;
        char where[128];
        hana_text text = { 0 };
        hana_text_printf(&text, " for %s", owner);
        size_t length = text.length < sizeof where - 1 ? text.length : sizeof where - 1;
        memcpy(where, text.data ? text.data : "", length);
        where[length] = '\0';
        hana_text_clear(&text);
        return hana_fail_unknown(err, "unknown option", name, where, known, n);
    }
    any_field made;
    memset(&made, 0, sizeof made);
    filling f = { .owner = owner, .row = row, .value = value, .err = err };
    hana_status status = fill(&made, &f);
    if (status != HANA_OK) {
        clear_field(&made, row->kind);
        return status;
    }
    void *at = field(options, row);
    clear_field(at, row->kind);
    memcpy(at, &made, field_size(row->kind));
    return HANA_OK;
}

static hana_status push_pair(hana_value *list, const char *name, hana_value thing,
                             hana_error *err)
{
    hana_value entry = { 0 }, text = { 0 };
    hana_status status = hana_value_new_list(&entry, err);
    if (status == HANA_OK) status = hana_value_string(&text, name, strlen(name), err);
    if (status == HANA_OK) {
        status = hana_value_push(&entry, text, err);
        if (status == HANA_OK) {
            status = hana_value_push(&entry, thing, err);
            thing = (hana_value){ 0 };
        }
    }
    if (status == HANA_OK) return hana_value_push(list, entry, err);
    hana_value_clear(&thing);
    hana_value_clear(&entry);
    return status;
}

static hana_status get_list(hana_value *out, const void *at, const hana_option *row,
                            hana_error *err)
{
    HANA_TRY(hana_value_new_list(out, err));
    if (row->kind == HANA_NUMBERS) {
        const hana_numbers *numbers = at;
        for (size_t i = 0; i < numbers->n; i++)
            HANA_TRY(hana_value_push(out, hana_value_number(numbers->items[i]), err));
    } else if (row->kind == HANA_COLUMN_LISTS) {
        const hana_column_lists *lists = at;
        for (size_t i = 0; i < lists->n; i++) {
            hana_value item = { 0 };
            HANA_TRY(hana_columns_to_value(&item, &lists->items[i], err));
            HANA_TRY(hana_value_push(out, item, err));
        }
    } else if (row->kind == HANA_EXPRESSIONS) {
        const hana_named_exprs *exprs = at;
        for (size_t i = 0; i < exprs->names.n; i++) {
            const char *text = hana_expr_text(exprs->exprs[i]);
            hana_value item = { 0 };
            HANA_TRY(hana_value_string(&item, text, strlen(text), err));
            HANA_TRY(push_pair(out, exprs->names.items[i], item, err));
        }
    } else {
        const hana_specs *specs = at;
        for (size_t i = 0; i < specs->n; i++)
            HANA_TRY(push_pair(out, specs->names.items[i],
                               hana_value_object(&hana_spec_class, specs->items[i]),
                               err));
    }
    return HANA_OK;
}

static hana_status get(hana_value *out, const void *at, const hana_option *row,
                       hana_error *err)
{
    switch (row->kind) {
    case HANA_NUMBER:
        *out = hana_value_number(*(const double *)at);
        return HANA_OK;
    case HANA_INTEGER:
        *out = hana_value_int(*(const int64_t *)at);
        return HANA_OK;
    case HANA_FLAG:
        *out = hana_value_bool(*(const int *)at);
        return HANA_OK;
    case HANA_CHOICE: {
        const char *choice = row->choices[*(const int *)at];
        return hana_value_string(out, choice, strlen(choice), err);
    }
    case HANA_NUMBER_OR_CHOICE: {
        const hana_number_or_choice *v = at;
        if (v->choice < 0) {
            *out = hana_value_number(v->number);
            return HANA_OK;
        }
        return hana_value_string(out, row->choices[v->choice],
                                 strlen(row->choices[v->choice]), err);
    }
    case HANA_TEXT: {
        const char *text = *(char *const *)at;
        return text ? hana_value_string(out, text, strlen(text), err) : HANA_OK;
    }
    case HANA_COLUMNS:
        if (!((const hana_columns *)at)->given) return HANA_OK;
        return hana_columns_to_value(out, at, err);
    case HANA_EXPRESSION: {
        const hana_expr *expr = *(const hana_expr *const *)at;
        if (!expr) return HANA_OK;
        return hana_value_string(out, hana_expr_text(expr), strlen(hana_expr_text(expr)),
                                 err);
    }
    case HANA_HOST: {
        const hana_host *host = at;
        if (!host->token) return HANA_OK;
        return hana_host_value(out, host->ops, host->token, err);
    }
    case HANA_MODEL: {
        const hana_model_ref *ref = at;
        if (ref->fitted)
            *out = hana_value_object(&hana_fitted_class, ref->fitted);
        else if (ref->spec)
            *out = hana_value_object(&hana_spec_class, ref->spec);
        return HANA_OK;
    }
    case HANA_ESTIMATOR: {
        const hana_spec *spec = *(const hana_spec *const *)at;
        if (spec) *out = hana_value_object(&hana_spec_class, spec);
        return HANA_OK;
    }
    case HANA_ANY:
        return hana_value_copy(out, at, err);
    case HANA_NUMBERS:
    case HANA_COLUMN_LISTS:
    case HANA_EXPRESSIONS:
    case HANA_ESTIMATORS:
    case HANA_NAMED_ESTIMATORS:
        return get_list(out, at, row, err);
    }
    return HANA_OK;
}

hana_status hana_option_get(hana_value *out, const void *options, const hana_option *row,
                            hana_error *err)
{
    hana_value made = { 0 };
    hana_status status = get(&made, field_const(options, row), row, err);
    if (status == HANA_OK)
        *out = made;
    else
        hana_value_clear(&made);
    return status;
}

hana_status hana_options_copy(void *to, const void *from, const hana_options *table,
                              hana_error *err)
{
    /* Plain fields, those without a row included, travel as bytes; owned ones are made
     * anew. */
    memcpy(to, from, table->size);
    for (size_t i = 0; i < table->n; i++)
        if (is_owned(table->rows[i].kind))
            memset(field(to, &table->rows[i]), 0, field_size(table->rows[i].kind));
    for (size_t i = 0; i < table->n; i++) {
        const hana_option *row = &table->rows[i];
        if (!is_owned(row->kind)) continue;
        hana_value value = { 0 };
        hana_status status = hana_option_get(&value, from, row, err);
        if (status == HANA_OK && value.kind != HANA_VALUE_NULL) {
            any_field made;
            memset(&made, 0, sizeof made);
            filling f = { .owner = row->name, .row = row, .value = &value, .err = err };
            status = fill(&made, &f);
            if (status == HANA_OK)
                memcpy(field(to, row), &made, field_size(row->kind));
            else
                clear_field(&made, row->kind);
        }
        hana_value_clear(&value);
        if (status != HANA_OK) {
            hana_options_clear(to, table);
            return status;
        }
    }
    return HANA_OK;
}

void hana_options_clear(void *options, const hana_options *table)
{
    for (size_t i = 0; i < table->n; i++)
        clear_field(field(options, &table->rows[i]), table->rows[i].kind);
}

#include "glue.h"

#include "base/time.h"

#include <string.h>

/* Frames in files. */

static void clear_options(void *data)
{
    hana_csv_options_clear(data);
}

static void set_text(lua_State *L, char **field, const char *text)
{
    hana_error err;
    if (!text) return;
    char *copy = hana_strdup(text);
    if (!copy) hana_raise_unless_ok(L, hana_fail_memory(&err), &err);
    hana_free(*field);
    *field = copy;
}

/* Pushes the field `key` of the table at idx; 0 (nothing pushed) when it is nil. */
static int given(lua_State *L, int idx, const char *key)
{
    lua_pushstring(L, key);
    if (lua_rawget(L, idx) != LUA_TNIL) return 1;
    lua_pop(L, 1);
    return 0;
}

void hana_read_name_list(lua_State *L, int idx, const char *function, const char *key,
                         hana_names *out)
{
    if (!given(L, idx, key)) return;
    int type = lua_type(L, -1);
    if (type != LUA_TSTRING && type != LUA_TTABLE)
        hana_raise_text(L,
                        "%s: option '%s' must be a string or a list of strings, got a %s",
                        function, key, luaL_typename(L, -1));
    for (lua_Integer i = 1; type == LUA_TTABLE && i <= (lua_Integer)lua_rawlen(L, -1);
         i++) {
        if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
            hana_raise_text(
                L, "%s: option '%s' must be a list of strings, element %d is a %s",
                function, key, (int)i, luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    hana_names_read(L, -1, out);
    lua_pop(L, 1);
}

static void add_name(lua_State *L, hana_names *names, const char *name)
{
    hana_error err;
    hana_raise_unless_ok(L, hana_names_add(names, name, &err), &err);
}

static void check_format(lua_State *L, const char *function, const char *column,
                         hana_type type, const char *format)
{
    hana_error err;
    if (type != HANA_DATE && type != HANA_DATETIME)
        hana_raise_text(L,
                        "%s: column '%s': a format goes with 'date' and 'datetime' only",
                        function, column);
    if (hana_format_check(format, &err) != HANA_OK)
        hana_raise_text(L, "%s: column '%s': %s", function, column, err.message);
}

/* types = { zip = "string", joined = { "date", "%Y. %m. %d." } } */
static void read_types(lua_State *L, const char *function, const hana_value *types,
                       hana_csv_options *options)
{
    if (types->kind == HANA_VALUE_LIST && types->as.list->n == 0) return;
    if (types->kind != HANA_VALUE_MAP)
        hana_raise_text(L, "%s: option 'types' must be a table { column = type }",
                        function);
    const hana_value_map *map = types->as.map;
    for (size_t i = 0; i < map->n; i++) {
        const hana_value *type = &map->items[i], *format = NULL;
        if (type->kind == HANA_VALUE_LIST && type->as.list->n == 2) {
            format = &type->as.list->items[1];
            type = &type->as.list->items[0];
        }
        if (type->kind != HANA_VALUE_STRING ||
            (format && format->kind != HANA_VALUE_STRING))
            hana_raise_text(
                L, "%s: the type of '%s' must be a type's name or { type, format }",
                function, map->keys[i]);
        hana_type known;
        if (!hana_type_from_name(type->as.string.data, &known)) {
            hana_error err;
            const char *names[HANA_N_TYPES];
            for (int t = 0; t < HANA_N_TYPES; t++)
                names[t] = hana_type_name((hana_type)t);
            hana_fail_unknown(&err, lua_pushfstring(L, "%s: unknown type", function),
                              type->as.string.data, "", names, HANA_N_TYPES);
            hana_raise(L, &err);
        }
        if (format)
            check_format(L, function, map->keys[i], known, format->as.string.data);
        add_name(L, &options->type_columns, map->keys[i]);
        add_name(L, &options->type_names, type->as.string.data);
        add_name(L, &options->type_formats, format ? format->as.string.data : "");
    }
}

/* blocks = { pixels = "pixel*" } */
static void read_blocks(lua_State *L, const hana_value *blocks, hana_csv_options *options)
{
    if (blocks->kind == HANA_VALUE_LIST && blocks->as.list->n == 0) return;
    if (blocks->kind != HANA_VALUE_MAP)
        hana_raise_text(L,
                        "read_csv: option 'blocks' must be a table { name = pattern }");
    const hana_value_map *map = blocks->as.map;
    for (size_t i = 0; i < map->n; i++) {
        if (map->items[i].kind != HANA_VALUE_STRING)
            hana_raise_text(L, "read_csv: block '%s' must be a pattern of column names",
                            map->keys[i]);
        add_name(L, &options->block_names, map->keys[i]);
        add_name(L, &options->block_patterns, map->items[i].as.string.data);
    }
}

static int read_on_error(lua_State *L, int idx, const char *function)
{
    static const char *const ways[] = { "raise", "null", "skip" };
    const char *way = hana_field_string(L, idx, "on_error", "raise");
    for (int i = 0; i < 3; i++)
        if (strcmp(way, ways[i]) == 0) return i;
    return hana_raise_text(
        L,
        "%s: option 'on_error' must be \"raise\", \"null\" or \"skip\", "
        "got \"%s\"",
        function, way);
}

hana_csv_options *hana_read_options(lua_State *L, int idx, const char *function,
                                    const char *const *keys)
{
    hana_error err;
    hana_csv_options *options = hana_scratch(L, sizeof *options, clear_options);
    hana_raise_unless_ok(L, hana_csv_options_init(options, &err), &err);
    if (lua_isnoneornil(L, idx)) return options;
    hana_check_keys(L, idx, function, keys);
    set_text(L, &options->delimiter, hana_field_string(L, idx, "delimiter", NULL));
    set_text(L, &options->decimal, hana_field_string(L, idx, "decimal", NULL));
    set_text(L, &options->thousands, hana_field_string(L, idx, "thousands", NULL));
    set_text(L, &options->comment, hana_field_string(L, idx, "comment", NULL));
    set_text(L, &options->encoding, hana_field_string(L, idx, "encoding", NULL));
    set_text(L, &options->timezone, hana_field_string(L, idx, "timezone", NULL));
    set_text(L, &options->source, hana_field_string(L, idx, "source", NULL));
    if (given(L, idx, "quote")) {
        const char *quote = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) quote = "";
        if (!quote || strlen(quote) > 1)
            hana_raise_text(L, "%s: option 'quote' must be one character or false",
                            function);
        options->quote = quote[0];
        lua_pop(L, 1);
    }
    options->header = hana_field_flag(L, idx, "header", 1);
    options->skip = hana_field_count(L, idx, function, "skip", 0);
    options->limit = hana_field_count(L, idx, function, "limit", -1);
    if (given(L, idx, "null")) {
        options->has_null = 1;
        lua_pop(L, 1);
    }
    hana_read_name_list(L, idx, function, "null", &options->null);
    hana_read_name_list(L, idx, function, "null_add", &options->null_add);
    hana_read_name_list(L, idx, function, "columns", &options->columns);
    options->on_error = read_on_error(L, idx, function);
    hana_value *value = hana_scratch_value(L);
    if (given(L, idx, "types")) {
        hana_value_read(L, -1, value, HANA_READ_OPTIONS);
        read_types(L, function, value, options);
        lua_pop(L, 1);
        hana_value_clear(value);
    }
    if (given(L, idx, "blocks")) {
        hana_value_read(L, -1, value, HANA_READ_OPTIONS);
        read_blocks(L, value, options);
        lua_pop(L, 1);
    }
    return options;
}

/* read_csv(path or nil, text or nil, options) -> frame, report */
static int read_csv(lua_State *L)
{
    static const char *const keys[] = { "delimiter", "decimal",  "thousands", "quote",
                                        "comment",   "header",   "skip",      "limit",
                                        "encoding",  "null_add", "null",      "types",
                                        "columns",   "timezone", "blocks",    "on_error",
                                        "quiet",     "source",   NULL };
    hana_error err;
    size_t length = 0;
    const char *path = lua_isnoneornil(L, 1) ? NULL : hana_check_string(L, 1, NULL);
    const char *text = luaL_optlstring(L, 2, NULL, &length);
    lua_settop(L, 3);
    hana_csv_options *options = hana_read_options(L, 3, "read_csv", keys);
    hana_value *report = hana_scratch_value(L);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status =
        hana_csv_read(&out, report, path, text, length, options, &call->job, &err);
    box->pointer = out;
    hana_call_end(L, call, status, &err);
    hana_value_push_lua(L, report, 0);
    return 2;
}

/* df:write_csv(path [, { encoding, bom, delimiter, null }]) -> df */
static int write_csv(lua_State *L)
{
    static const char *const keys[] = { "encoding", "bom", "delimiter", "null", NULL };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    const char *path = hana_check_string(L, 2, NULL);
    lua_settop(L, 3);
    hana_check_keys(L, 3, "write_csv", keys);
    hana_csv_write_options options = {
        .encoding = hana_field_string(L, 3, "encoding", NULL),
        .bom = hana_field_flag(L, 3, "bom", 0),
        .delimiter = hana_field_string(L, 3, "delimiter", NULL),
        .null = hana_field_string(L, 3, "null", NULL),
    };
    hana_call *call = hana_call_begin(L);
    lua_pushvalue(L, 1);
    return hana_call_end(
        L, call, hana_csv_write(frame, path, NULL, &options, &call->job, &err), &err);
}

/* csv_text(df [, options]) -> what write_csv would write */
static int csv_text(lua_State *L)
{
    static const char *const keys[] = { "encoding", "bom", "delimiter", "null", NULL };
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    lua_settop(L, 2);
    hana_check_keys(L, 2, "write_csv", keys);
    hana_csv_write_options options = {
        .encoding = hana_field_string(L, 2, "encoding", NULL),
        .bom = hana_field_flag(L, 2, "bom", 0),
        .delimiter = hana_field_string(L, 2, "delimiter", NULL),
        .null = hana_field_string(L, 2, "null", NULL),
    };
    hana_text *text = hana_scratch_text(L);
    hana_call *call = hana_call_begin(L);
    hana_call_end(L, call, hana_csv_write(frame, NULL, text, &options, &call->job, &err),
                  &err);
    lua_pushlstring(L, text->data ? text->data : "", text->length);
    return 1;
}

static int save(lua_State *L)
{
    hana_error err;
    const hana_frame *frame = hana_check_frame(L, 1);
    const char *path = hana_check_string(L, 2, NULL);
    hana_call *call = hana_call_begin(L);
    lua_pushvalue(L, 1);
    return hana_call_end(L, call, hana_frame_save(frame, path, &err), &err);
}

static void clear_reader(void *data)
{
    hana_reader *reader = *(hana_reader **)data;
    if (reader) hana_reader_free(reader);
}

/* file_kind(path) -> "frame" or "model" */
static int file_kind(lua_State *L)
{
    hana_error err;
    const char *path = hana_check_string(L, 1, NULL);
    hana_reader **reader = hana_scratch(L, sizeof(hana_reader *), clear_reader);
    hana_raise_unless_ok(L, hana_reader_open(reader, path, &err), &err);
    lua_pushstring(L, hana_reader_kind(*reader));
    return 1;
}

static int load_frame(lua_State *L)
{
    hana_error err;
    const char *path = hana_check_string(L, 1, NULL);
    hana_call *call = hana_call_begin(L);
    hana_box *box = hana_box_new(L, HANA_FRAME_BOX);
    hana_frame *out = NULL;
    hana_status status = hana_frame_load(&out, path, &err);
    box->pointer = out;
    return hana_call_end(L, call, status, &err);
}

/* --- plain files ----------------------------------------------------------------- */

typedef struct paths {
    char **items;
    size_t n;
} paths;

static void clear_paths(void *data)
{
    paths *p = data;
    for (size_t i = 0; i < p->n; i++) hana_free(p->items[i]);
    hana_free(p->items);
}

/* glob(pattern) -> the paths that match, sorted */
static int glob_paths(lua_State *L)
{
    hana_error err;
    const char *pattern = hana_check_string(L, 1, NULL);
    paths *p = hana_scratch(L, sizeof *p, clear_paths);
    hana_raise_unless_ok(L, hana_file_glob(&p->items, &p->n, pattern, &err), &err);
    lua_createtable(L, (int)p->n, 0);
    for (size_t i = 0; i < p->n; i++) {
        lua_pushstring(L, p->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* write_file(path, text): atomically */
static int write_file(lua_State *L)
{
    hana_error err;
    size_t length;
    const char *path = hana_check_string(L, 1, NULL),
               *text = hana_check_string(L, 2, &length);
    hana_raise_unless_ok(L, hana_file_put(path, text, length, &err), &err);
    return 0;
}

/* Whether the file was opened: zeroed bytes are not closed. */
typedef struct opened {
    int open;
    hana_bytes bytes;
} opened;

static void clear_opened(void *data)
{
    opened *file = data;
    if (file->open) hana_file_close(&file->bytes);
}

/* read_file(path) -> its bytes, unpacked where they are gzip or zstd */
static int read_file(lua_State *L)
{
    hana_error err;
    const char *path = hana_check_string(L, 1, NULL);
    opened *file = hana_scratch(L, sizeof *file, clear_opened);
    hana_raise_unless_ok(L, hana_file_open(&file->bytes, path, NULL, &err), &err);
    file->open = 1;
    lua_pushlstring(L, file->bytes.data ? file->bytes.data : "", file->bytes.length);
    return 1;
}

/* make_folder(path): with its parents */
static int make_folder(lua_State *L)
{
    hana_error err;
    hana_raise_unless_ok(L, hana_file_make_folder(hana_check_string(L, 1, NULL), &err),
                         &err);
    return 0;
}

void hana_open_files(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "read_csv", read_csv },
        { "csv_text", csv_text },
        { "file_kind", file_kind },
        { "load_frame", load_frame },
        { "glob", glob_paths },
        { "write_file", write_file },
        { "read_file", read_file },
        { "make_folder", make_folder },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "write_csv", write_csv },
        { "save", save },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, -1, "frame_methods");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}

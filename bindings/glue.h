#ifndef HANA_BINDINGS_GLUE_H
#define HANA_BINDINGS_GLUE_H

#include "hana.h"

#include <lauxlib.h>
#include <lua.h>

/* How the bindings hold things of the library. Every bound function has three phases:
   check all arguments, holding nothing; push what will own the results, empty; call the
   core straight into it and raise on failure. The core never runs Lua's longjmp, except
   through host code, which is called protected (host.c). */

/* --- failures -------------------------------------------------------------------- */

/* Raises the message with the position of the nearest caller outside hana's own Lua
 * files. */
int hana_raise(lua_State *L, const hana_error *err);
int hana_raise_text(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void hana_raise_unless_ok(lua_State *L, hana_status status, const hana_error *err);
/* Raises for argument idx. Called by a script: "bad argument #1 to 'head' (...)"; called
   by one of hana's own Lua functions, whose arguments are others, only "mutate_each:
   ...". */
int hana_raise_argument(lua_State *L, int idx, const char *message);

/* --- scratch memory -------------------------------------------------------------- */

/* Pushes zeroed memory that lives until the running C function returns or fails; `clear`
   (may be NULL) then gives back what it holds. It must stay where it is on the stack. */
typedef void hana_clear_fn(void *data);
void *hana_scratch(lua_State *L, size_t size, hana_clear_fn *clear);
hana_value *hana_scratch_value(lua_State *L);
hana_names *hana_scratch_names(lua_State *L);
hana_text *hana_scratch_text(lua_State *L);
/* count elements of size bytes, without a limit on the product. */
void *hana_scratch_array(lua_State *L, size_t count, size_t size);

/* --- boxes ----------------------------------------------------------------------- */

#define HANA_FRAME_BOX "hana.frame"
#define HANA_COLUMN_BOX "hana.column"
#define HANA_MODEL_BOX "hana.model"

/* A userdata with one pointer; NULL: closed. User value 1: a column's name, a frame's
 * read report. */
typedef struct hana_box {
    const void *pointer;
} hana_box;
hana_box *hana_box_new(lua_State *L, const char *kind);
/* What the box at idx holds; another thing or a closed box is an argument error. */
const void *hana_box_check(lua_State *L, int idx, const char *kind);
const void *hana_box_test(lua_State *L, int idx,
                          const char *kind); /* NULL when it is none */
/* Makes (or finds) the metatable of a kind, with __gc and __close (a method `close` would
   hide the column of that name, which prices have), and pushes it and, above it, its
   table of methods. */
void hana_box_class(lua_State *L, const char *kind, const hana_class *class,
                    const luaL_Reg *metamethods, const luaL_Reg *methods);

const hana_frame *hana_check_frame(lua_State *L, int idx);
const hana_column *hana_check_column(lua_State *L, int idx);
/* Each pushes a box that holds a reference of its own; `name` may be NULL. */
void hana_push_column(lua_State *L, const hana_column *column, const char *name);
void hana_push_frame_of(lua_State *L, const hana_frame *frame);

/* Sets user value 1 of the box at the top to the string (or nil). */
void hana_box_name(lua_State *L, const char *name);

/* A model: one spec and at most one fitted. User value 1: the warnings of its fit. */
typedef struct hana_model_box {
    const hana_spec *spec;
    const hana_fitted *fitted;
} hana_model_box;
hana_model_box *hana_model_box_new(lua_State *L); /* pushes an empty one */
hana_model_box *hana_check_model(lua_State *L, int idx);
hana_model_box *hana_test_model(lua_State *L, int idx); /* NULL when it is none */
/* Roles from the table or string at idx (nil: none), in scratch memory. */
hana_roles *hana_roles_read(lua_State *L, int idx);
/* Pushes the list of a job's warnings. */
void hana_push_warnings(lua_State *L, const hana_job *job);

/* --- arguments ------------------------------------------------------------------- */

/* As luaL_check... and luaL_opt..., with hana_raise_argument. */
void hana_check_table(lua_State *L, int idx);
const char *hana_check_string(lua_State *L, int idx, size_t *length /* or NULL */);
lua_Integer hana_check_int(lua_State *L, int idx);
double hana_check_number(lua_State *L, int idx);
lua_Integer hana_opt_int(lua_State *L, int idx, lua_Integer otherwise);

/* The 0-based row or element that a 1-based index means; out of 1 .. n is an argument
 * error. */
size_t hana_check_index(lua_State *L, int idx, size_t n, const char *what);
/* Row numbers of the list at idx, 0-based, in scratch memory that is pushed. */
size_t *hana_check_rows(lua_State *L, int idx, size_t rows, size_t *n);
/* The field `key` of the table at idx; the default when it is nil or idx is none. */
const char *hana_field_string(lua_State *L, int idx, const char *key,
                              const char *otherwise);
int hana_field_flag(lua_State *L, int idx, const char *key, int otherwise);
double hana_field_number(lua_State *L, int idx, const char *key, double otherwise);
int64_t hana_field_int(lua_State *L, int idx, const char *key, int64_t otherwise);
/* A whole number >= 0; messages name the function. */
int64_t hana_field_count(lua_State *L, int idx, const char *function, const char *key,
                         int64_t otherwise);
/* Raises when the table at idx (nil and none are fine) has a key that is not in the
   NULL-terminated list, naming the nearest: "unknown option 'delimeter' for read_csv; did
   you mean 'delimiter'?" */
void hana_check_keys(lua_State *L, int idx, const char *function,
                     const char *const *keys);

/* --- values ---------------------------------------------------------------------- */

/* hana.null: stands for a missing value where nil cannot. */
void hana_push_null(lua_State *L);
int hana_is_null(lua_State *L, int idx);

enum { HANA_READ_OPTIONS, HANA_READ_JSON };
/* The Lua value at idx into an empty value that scratch memory owns. Tables with the
   elements 1 .. n are lists, with string keys maps (in sorted order); holes and mixtures
   raise. The empty table is a list among options, an object in JSON. Frames, columns,
   models and functions become objects. */
void hana_value_read(lua_State *L, int idx, hana_value *out, int mode);
/* The same for a table that is a map whatever it holds; array elements go under `rest`
   (NULL: they are an error). */
void hana_value_read_map(lua_State *L, int idx, hana_value *out, const char *rest);
/* Pushes it. Nulls are hana.null inside lists and, when `keep_nulls`, everywhere. */
void hana_value_push_lua(lua_State *L, const hana_value *value, int keep_nulls);

/* The string at idx as a name: one with a NUL byte raises. */
const char *hana_name_at(lua_State *L, int idx);
/* A string or a list of strings. */
void hana_names_read(lua_State *L, int idx, hana_names *out);
/* Names, a selector (hana.cols) or a list of both, resolved in the frame. */
void hana_columns_read(lua_State *L, int idx, const hana_frame *frame, hana_names *out);
/* Whether a selector stands at idx, or in the list there. */
int hana_is_selection(lua_State *L, int idx);
void hana_names_push(lua_State *L, const hana_names *names);

/* The table at idx (or nil) as options of a reader, in scratch memory; keys that are not
   in the list are errors. */
hana_csv_options *hana_read_options(lua_State *L, int idx, const char *function,
                                    const char *const *keys);

/* The string or list of strings under `key` of the table at idx, if there is one. */
void hana_read_name_list(lua_State *L, int idx, const char *function, const char *key,
                         hana_names *out);

/* A metatable that marks json.array{} tables; pushed. */
void hana_push_array_mark(lua_State *L);

/* --- calls that may take time ---------------------------------------------------- */

/* A job around one call: cancelled by Ctrl-C, warnings to Lua's warn, progress to a
   terminal. Pushes scratch memory. */
typedef struct hana_call {
    hana_job job;
    int64_t allocated; /* hana_memory_now().total at the start */
    int running;
    hana_job *outer; /* the current job before */
} hana_call;
hana_call *hana_call_begin(lua_State *L);
/* Restores the handler; raises on failure; else hands over the warnings and tells the
   collector what was allocated. The value at the top is the result; returns 1. */
int hana_call_end(lua_State *L, hana_call *call, hana_status status,
                  const hana_error *err);
/* For calls without a job: tells the collector. */
int64_t hana_allocated(void);
void hana_account(lua_State *L, int64_t before);
/* The seed given as `seed` in the table at idx, else the next child of the session's. */
uint64_t hana_call_seed(lua_State *L, int idx);
uint64_t hana_next_seed(lua_State *L);
/* Whether Ctrl-C came during the running job. */
int hana_interrupted(void);
/* Host code runs from here on in L (NULL: no more), so that Ctrl-C stops it too; gives
   the previous one. */
lua_State *hana_host_running(lua_State *L);

/* The name of the outermost of our functions, as the script called it; "" where it has
   none. */
void hana_called_as(lua_State *L, char *name, size_t size);

/* Terminal cells that printed tables may take. */
size_t hana_print_width(void);

/* --- host code ------------------------------------------------------------------- */

extern const hana_host_ops hana_lua_ops;
/* A token that keeps the Lua value at idx alive, as an object in *out. */
void hana_host_read(lua_State *L, int idx, hana_value *out);
void hana_host_push(lua_State *L, uint64_t token); /* the value behind it, or nil */

/* --- the parts of hana.core, each adding to the table at the top ----------------- */

void hana_open_state(lua_State *L); /* before all others */
void hana_open_calls(lua_State *L);
void hana_open_column(lua_State *L);
void hana_open_frame(lua_State *L);
void hana_open_verbs(lua_State *L);
void hana_open_reshape(lua_State *L);
void hana_open_files(lua_State *L);
void hana_open_formats(lua_State *L);
void hana_open_stores(lua_State *L);
void hana_open_scan(lua_State *L);
void hana_open_arrow(lua_State *L);
void hana_open_model(lua_State *L);
void hana_open_measure(lua_State *L);
void hana_open_host(lua_State *L);
void hana_open_functions(lua_State *L);
void hana_open_assess(lua_State *L);
void hana_open_deploy(lua_State *L);
void hana_open_decide(lua_State *L);
void hana_open_project(lua_State *L);
void hana_open_console(lua_State *L);

/* A column from the Lua list at idx: bools, integers, numbers (with integers: floats) or
   strings, hana.null; `what` names it in errors. Into *out, owned by the caller of the
   box. */
void hana_column_read(lua_State *L, int idx, const char *what, hana_box *out);
/* Cell i as a Lua value; nil for null. */
void hana_push_cell(lua_State *L, const hana_column *column, size_t i);
/* A column of length 1 (or the column itself) for the operand at idx, into scratch
 * memory. */
const hana_column *hana_operand_read(lua_State *L, int idx);
/* Raises when the table at params_idx (or nil) has a value for a $name that no expression
   has; the expressions are the string at idx, or the strings in the list there. */
void hana_check_params(lua_State *L, const char *verb, int idx, int params_idx);
/* A parsed expression in scratch memory; params at params_idx may be none or nil. */
const hana_expr *hana_expr_read(lua_State *L, int idx, int params_idx);

#endif

#include "learn/step_columns.h"

/* A step written in the host language: transform(state, frame) -> frame of the same rows,
   with an optional fit(frame) -> state over the feature columns of the training rows. */

typedef struct options {
    hana_host fit, transform;
} options;

static const hana_option rows[] = {
    HANA_OPTION_HOST(options, fit,
                     .help = "function(frame) that gives a state; optional"),
    HANA_OPTION_HOST(options, transform,
                     .help = "function(state, frame) that gives a frame",
                     .flags = HANA_REQUIRED),
};

typedef struct state {
    const hana_host_ops *ops;
    uint64_t token;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    if (s->token) s->ops->release(s->token);
}

static hana_status fit(void *pointer, const void *given, const hana_task *task,
                       hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = given;
    if (!job || !job->host)
        return hana_fail(err, HANA_UNSUPPORTED, "lua_step: there is no script to call");
    s->ops = o->transform.ops;
    if (!o->fit.token) return HANA_OK;
    hana_names names = { 0 };
    hana_frame *features = NULL;
    HANA_TRY(hana_features(&names, task->frame, task->roles, err));
    hana_status status = hana_frame_select(&features, task->frame, &names, err);
    hana_names_clear(&names);
    HANA_TRY(status);
    hana_value argument = hana_value_object(&hana_frame_class, features);
    status = s->ops->call_keep(job->host, o->fit.token, &argument, 1, &s->token, err);
    hana_value_clear(&argument);
    hana_frame_release(features);
    return status;
}

static hana_status transform(const void *pointer, const void *given, const hana_frame *in,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    const state *s = pointer;
    const options *o = given;
    if (!job || !job->host)
        return hana_fail(err, HANA_UNSUPPORTED, "lua_step: there is no script to call");
    hana_value args[2] = { 0 }, made = { 0 };
    hana_status status = HANA_OK;
    if (s->token) status = hana_host_value(&args[0], s->ops, s->token, err);
    if (status == HANA_OK) {
        args[1] = hana_value_object(&hana_frame_class, in);
        status =
            o->transform.ops->call(job->host, o->transform.token, args, 2, &made, err);
    }
    const hana_frame *frame = hana_value_pointer(&made, &hana_frame_class);
    if (status == HANA_OK && !frame)
        status = hana_fail(err, HANA_HOST_FAILED,
                           "lua_step: transform gave %s, expected a frame",
                           hana_value_kind_name(&made));
    if (status == HANA_OK && hana_frame_rows(frame) != hana_frame_rows(in))
        status =
            hana_fail(err, HANA_HOST_FAILED,
                      "lua_step: transform gave %zu rows for %zu: a step keeps its rows",
                      hana_frame_rows(frame), hana_frame_rows(in));
    if (status == HANA_OK) status = hana_frame_with_ids_of(out, frame, in, err);
    hana_value_clear(&args[0]);
    hana_value_clear(&args[1]);
    hana_value_clear(&made);
    return status;
}

static hana_status save(const void *pointer, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    const state *s = pointer;
    hana_value value = { 0 };
    if (s->token) {
        if (!job || !job->host)
            return hana_fail(err, HANA_UNSUPPORTED,
                             "lua_step: there is no script to ask");
        HANA_TRY(s->ops->to_value(job->host, s->token, &value, err));
    }
    hana_status status = hana_put_value(writer, "state", &value, err);
    hana_value_clear(&value);
    return status;
}

static hana_status load(void *pointer, hana_reader *reader, hana_job *job,
                        hana_error *err)
{
    state *s = pointer;
    const hana_host_ops *ops = hana_host_registered();
    hana_value value = { 0 };
    if (!ops || !job || !job->host)
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "lua_step: this model needs functions of a script, and there is none");
    s->ops = ops;
    HANA_TRY(hana_get_value(reader, "state", &value, err));
    hana_status status = HANA_OK;
    if (value.kind != HANA_VALUE_NULL)
        status = ops->from_value(job->host, &value, &s->token, err);
    hana_value_clear(&value);
    return status;
}

const hana_step hana_step_lua_step = {
    .part = { .name = "lua_step",
              .help = "A step written in Lua: functions fit and transform.",
              .kind = HANA_PART_STEP,
              .version = 1,
              .tags = HANA_TAG_HOST,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .transform = transform,
    .save = save,
    .load = load,
    .clear = clear
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exchange's list of symbols, fetched on the pool. */
#include <stdlib.h>
#include "pool_jobs_private.h"
#include "session_private.h"
#include "spreadglass/feed/rest.h"

/* Made and freed on main; while it runs it is the worker's alone, but for {cancelled}. */
struct request {
    atomic_bool cancelled; /* set by main, read by the worker */
    gulong cancel_handler;
    char *rest_url, *ca_file;
    enum sg_market market;
    void (*callback)(char **symbols, const GError *error, void *context);
    void *context;
    struct sg_symbol_info *symbols;
    size_t count;
    enum sg_status status;
    struct sg_error error;
};

static void request_free(struct request *request)
{
    g_free(request->rest_url);
    g_free(request->ca_file);
    free(request->symbols);
    g_free(request);
}

static void fetch(GTask *task, void *source, void *data, GCancellable *cancellable)
{
    (void)source;
    struct request *request = data;
    sg_pool_enter();
    if (!g_cancellable_is_cancelled(cancellable)) {
        struct sg_rest_config config = {
            .base_url = request->rest_url, .ca_file = request->ca_file, .market = request->market, .cancelled = &request->cancelled};
        request->status = sg_rest_all_symbols(&config, &request->symbols, &request->count, &request->error);
    }
    sg_pool_end();
    g_task_return_boolean(task, TRUE);
}

static void tell(const struct request *request)
{
    if (request->status != SG_OK) {
        GError *error = g_error_new_literal(SG_SESSION_ERROR, (int)request->status, request->error.text);
        request->callback(NULL, error, request->context);
        g_error_free(error);
        return;
    }
    char **names = g_new0(char *, request->count + 1);
    for (size_t i = 0; i < request->count; i++)
        names[i] = request->symbols[i].symbol;
    request->callback(names, NULL, request->context);
    g_free(names);
}

static void cancel(GCancellable *cancellable, struct request *request)
{
    (void)cancellable;
    atomic_store(&request->cancelled, true);
}

static void fetched(GObject *object, GAsyncResult *result, void *data)
{
    (void)object;
    struct request *request = data;
    sg_pool_collect();
    GCancellable *cancellable = g_task_get_cancellable(G_TASK(result));
    g_cancellable_disconnect(cancellable, request->cancel_handler);
    /* Cancelled: the session is gone, and whoever asked may be too. */
    if (!g_cancellable_is_cancelled(cancellable))
        tell(request);
    request_free(request);
}

void sg_session_list_symbols(SgSession *session, void (*callback)(char **symbols, const GError *error, void *context), void *context)
{
    struct request *request = g_new0(struct request, 1);
    request->rest_url = g_strdup(session->config.rest_url);
    request->ca_file = g_strdup(session->config.ca_file);
    request->market = session->config.legs[SG_LEG_A].market;
    request->callback = callback;
    request->context = context;
    request->cancel_handler = g_cancellable_connect(session->cancellable, G_CALLBACK(cancel), request, NULL);
    GTask *task = g_task_new(NULL, session->cancellable, fetched, request);
    g_task_set_name(task, "spreadglass symbols");
    g_task_set_task_data(task, request, NULL);
    sg_pool_begin();
    g_task_run_in_thread(task, fetch);
    g_object_unref(task);
}

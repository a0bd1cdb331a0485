/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass analyze`: the statistics of a pair from files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis_input_private.h"
#include "spreadglass/base/replacement.h"
#include "spreadglass/cli/live.h"
#include "output_check_private.h"
#include "verbs_private.h"

static enum sg_status write_report(const struct sg_options *options, const struct sg_analysis *analysis, FILE *stream)
{
    enum sg_status status = options->explain                    ? sg_analysis_write_explanation(analysis, options->format, stream)
                            : options->format == SG_FORMAT_JSON ? sg_analysis_write_json(analysis, stream)
                            : options->format == SG_FORMAT_CSV  ? sg_analysis_write_csv(analysis, options->hindsight, stream)
                                                                : sg_analysis_write_text(analysis, stream);
    return status == SG_OK && fflush(stream) != 0 ? SG_ERR_IO : status;
}

static int write_file(const struct sg_options *options, const struct sg_analysis *analysis)
{
    struct sg_error error = {0};
    struct sg_replacement replacement;
    if (sg_replacement_begin(&replacement, options->output, &error) != SG_OK)
        return sg_verb_failed("analyze", error.text);
    int copy = dup(replacement.descriptor); /* the stream closes its own */
    FILE *stream = copy >= 0 ? fdopen(copy, "w") : NULL;
    enum sg_status status = stream != NULL ? write_report(options, analysis, stream) : SG_ERR_IO;
    int failure = errno;
    if (stream != NULL && fclose(stream) != 0 && status == SG_OK) {
        failure = errno;
        status = SG_ERR_IO;
    }
    if (status == SG_OK)
        status = sg_replacement_commit(&replacement, &error);
    else
        sg_fail(&error, status, "%s cannot be written: %s", options->output, status == SG_ERR_NOMEM ? "out of memory" : strerror(failure));
    sg_replacement_abandon(&replacement);
    return status == SG_OK ? SG_EXIT_DONE : sg_verb_failed("analyze", error.text);
}

int sg_verb_analyze(const struct sg_options *options)
{
    struct sg_analysis analysis;
    struct sg_error error = {0};
    if (options->output != NULL && (options->file_count > 0 || options->from_store) && sg_output_check(options, options->output, &error) != SG_OK)
        return sg_verb_failed("analyze", error.text);
    int status = sg_analysis_load("analyze", options, &analysis);
    if (status != SG_EXIT_DONE)
        return status;
    if (options->output != NULL)
        status = write_file(options, &analysis);
    else if (write_report(options, &analysis, stdout) != SG_OK && errno != EPIPE) /* a reader that has seen enough is no failure */
        status = sg_verb_failed("analyze", "standard output cannot be written");
    sg_offline_free(&analysis.offline);
    return status;
}

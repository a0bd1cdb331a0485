/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass analyze`: the statistics of a pair from files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis_input_private.h"
#include "spreadglass/cli/live.h"
#include "verbs_private.h"

static enum sg_status write_report(const struct sg_options *options, const struct sg_analysis *analysis, FILE *stream)
{
    enum sg_status status = options->explain                   ? sg_analysis_write_explanation(analysis, options->format, stream)
                            : options->format == SG_FORMAT_JSON ? sg_analysis_write_json(analysis, stream)
                            : options->format == SG_FORMAT_CSV ? sg_analysis_write_csv(analysis, options->hindsight, stream)
                                                               : sg_analysis_write_text(analysis, stream);
    return status == SG_OK && fflush(stream) != 0 ? SG_ERR_IO : status;
}

/* A file appears whole or not at all: written beside its place, then moved there. */
static int write_file(const struct sg_options *options, const struct sg_analysis *analysis)
{
    char beside[4096], text[4608];
    if (snprintf(beside, sizeof beside, "%s.XXXXXX", options->output) >= (int)sizeof beside)
        return sg_verb_failed("analyze", "the name of --output is too long");
    int descriptor = mkstemp(beside);
    FILE *stream = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (stream == NULL) {
        snprintf(text, sizeof text, "%s cannot be written: %s", options->output, strerror(errno));
        if (descriptor >= 0) {
            close(descriptor);
            unlink(beside);
        }
        return sg_verb_failed("analyze", text);
    }
    enum sg_status status = write_report(options, analysis, stream);
    if (status == SG_OK && fsync(descriptor) != 0)
        status = SG_ERR_IO;
    int failure = errno;
    if (fclose(stream) != 0 && status == SG_OK) {
        failure = errno;
        status = SG_ERR_IO;
    }
    mode_t mask = umask(0);
    umask(mask);
    if (status == SG_OK && (chmod(beside, 0666 & ~mask) != 0 || rename(beside, options->output) != 0)) {
        failure = errno;
        status = SG_ERR_IO;
    }
    if (status == SG_OK)
        return SG_EXIT_DONE;
    unlink(beside);
    snprintf(text, sizeof text, "%s cannot be written: %s", options->output, status == SG_ERR_NOMEM ? "out of memory" : strerror(failure));
    return sg_verb_failed("analyze", text);
}

int sg_verb_analyze(const struct sg_options *options)
{
    struct sg_analysis analysis;
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

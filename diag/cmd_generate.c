/* cmd_generate: configuration files from the endpoint list and the site, to standard output. */
#include "diag/commands.h"

#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/generate.h"
#include "diag/inputs.h"
#include "diag/options.h"
#include "reports/save.h"

#include <stdio.h>

enum { OUTPUT_MAX = 64 * 1024 * 1024 };

int cmd_generate(struct options *o)
{
    struct generate g = {o->arena, o->site, o->sensors, o->n_sensors};
    struct fault fault;
    struct buf out;
    int status = STATUS_PASS;

    for (size_t i = 0; i < o->n_sensors; i++) {
        if (generate_check_sensor(o->arena, o->sensors[i], &fault) != 0) {
            fprintf(stderr, "hopproof: %s\n", fault.text);
            return STATUS_USAGE;
        }
    }
    buf_init(&out, OUTPUT_MAX);
    if (inputs_default_endpoints(o, &fault) != 0 ||
        generate_write(&g, o->args[0], &out, &fault) != 0)
        status = STATUS_USAGE;
    else if (save("-", save_buf, &out, &fault) != 0)
        status = STATUS_INCOMPLETE;
    if (status != STATUS_PASS)
        fprintf(stderr, "hopproof: %s\n", fault.text);
    buf_free(&out);
    return status;
}

/* cmd_audit: judge configuration files of the way to the cloud, offline. */
#include "diag/commands.h"

#include "diag/audit.h"
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/inputs.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "reports/save.h"
#include "reports/text.h"

#include <stdio.h>
#include <string.h>

enum { OUTPUT_MAX = 256 * 1024 * 1024 };

static int read_sensors(const struct options *o, struct audit *a, struct fault *f)
{
    for (size_t i = 0; i < o->n_sensors; i++) {
        struct addr address;

        if (!addr_parse(o->sensors[i], &address))
            return fault_set(f, "--sensor: \"%s\" is no address; give an IP address",
                             text_printable(o->arena, o->sensors[i], strlen(o->sensors[i]), 80));
        if (a->n_sensors == AUDIT_SOURCES_MAX)
            return fault_set(f, "--sensor: more than %d; audit them in turns", AUDIT_SOURCES_MAX);
        list_push(o->arena, a->sensors, a->n_sensors, address);
    }
    return 0;
}

static int print(const struct options *o, const struct audit *a)
{
    struct buf out;
    struct fault fault;
    int status = audit_count(a, AUDIT_ERROR) > 0 ? STATUS_FAIL : STATUS_PASS;

    buf_init(&out, OUTPUT_MAX);
    if (o->as_json)
        audit_json(a, &out);
    else
        audit_draw(a, text_style_of(stdout, o->no_color, false), &out);
    if (out.len == 0)
        out.overflow = true; /* there was no memory for the JSON */
    if (save("-", save_buf, &out, &fault) != 0) {
        fprintf(stderr, "hopproof: %s\n", fault.text);
        status = STATUS_INCOMPLETE;
    }
    buf_free(&out);
    return status;
}

int cmd_audit(struct options *o)
{
    struct audit a = {.arena = o->arena, .site = o->site};
    struct fault fault;

    if (inputs_default_endpoints(o, &fault) != 0 || read_sensors(o, &a, &fault) != 0 ||
        audit_run(&a, o->args, o->n_args, &fault) != 0) {
        fprintf(stderr, "hopproof: %s\n", fault.text);
        return STATUS_USAGE;
    }
    return print(o, &a);
}

/* inputs_endpoints: what is to be checked. Part of inputs. */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/text.h"
#include "diag/inputs.h"
#include "diag/inputs_parts.h"
#include "diag/model/method.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "diag/site/endpoints.h"
#include "diag/site/profile.h"
#include "diag/site/url.h"

#include <string.h>
#include <unistd.h>

static int add_profile(struct endpoints *e, const char *name, struct fault *f)
{
    const struct profile *profile;
    struct fault why;

    profile = profile_find(name, &why);
    if (profile == NULL || profile_add(profile, e, &why) != 0)
        return inputs_fault_of(f, "profile", &why);
    return 0;
}

/*
 * `hopproof check plant.yaml` would say that plant.yaml does not exist in DNS. Only what has a
 * file's ending and lies there is refused: a folder may well bear a host's name.
 */
static int refuse_file(struct arena *a, const char *argument, struct fault *f)
{
    static const struct {
        const char *ending, *advice;
    } rows[] = {
        {".yaml", "give it with --site"},
        {".yml", "give it with --site"},
        {".json",
         "give a list of endpoints with --endpoints; hopproof report draws a saved report"},
        {".csv", "give it with --endpoints"},
        {".txt", "give it with --endpoints"},
        {".pcapng", "hopproof analyze reads a capture"},
        {".pcap", "hopproof analyze reads a capture"},
        {".conf", "hopproof audit reads a proxy's configuration"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (text_ends_with_nocase(argument, rows[i].ending) && access(argument, F_OK) == 0)
            return fault_set(f, "\"%s\" is a file, not an endpoint; %s", file_label(a, argument),
                             rows[i].advice);
    }
    return 0;
}

/* What the command line names; `from_file` lends what it knows of the same endpoints. */
static int given_endpoints(struct options *o, bool positional, struct endpoints *from_file,
                           struct endpoints **out, struct fault *f)
{
    struct endpoints *e = endpoints_new(o->arena);

    for (size_t i = 0; positional && i < o->n_args; i++) {
        if (refuse_file(o->arena, o->args[i], f) != 0 ||
            endpoints_add(e, o->args[i], strlen(o->args[i]), NULL, "command line", f) != 0)
            return -1;
    }
    for (size_t i = 0; i < o->n_endpoints_files; i++) {
        if (endpoints_add_file(e, o->endpoints_files[i], f) != 0)
            return -1;
    }
    for (size_t i = 0; i < o->n_profiles; i++) {
        if (add_profile(e, o->profiles[i], f) != 0)
            return -1;
    }
    if (endpoints_count(e) == 0) {
        *out = from_file;
        return 0;
    }
    endpoints_borrow(e, from_file);
    *out = e;
    return 0;
}

static const char *default_profile(const struct site *s)
{
    const struct method_info *method = method_find(s->method);

    return method != NULL ? method->profile : PROFILE_DEFAULT;
}

/* The hub that the sensor is to leave: looked at too, and none that decides. */
static int add_legacy_hub(struct options *o, struct endpoints *e, struct fault *f)
{
    static const struct endpoint_facts facts = {.service = "Legacy IoT hub", .optional = true};
    struct site *s = o->site;
    struct target target;
    struct fault why;

    s->migration = s->migration || o->legacy_hub != NULL || (o->command->bit & CMD_MIGRATE) != 0;
    if (o->legacy_hub != NULL)
        s->legacy_hub = o->legacy_hub;
    if (s->legacy_hub == NULL)
        return 0;
    if (target_parse(o->arena, s->legacy_hub, strlen(s->legacy_hub), &target, &why) != 0 ||
        target_fits_hub(&target, &why) != 0)
        return fault_set(f, "--legacy-hub: %s", why.text);
    if (endpoints_add(e, s->legacy_hub, strlen(s->legacy_hub), &facts, "legacy hub", f) != 0)
        return -1;
    s->legacy_hub = addr_host_port(o->arena, target.host.text, target.port > 0 ? target.port : 443);
    return 0;
}

int inputs_endpoints(struct options *o, bool live, struct endpoints *from_file, struct fault *f)
{
    bool positional = live && (o->command->bit & CMD_MIGRATE) == 0;
    struct endpoints *e;

    if (given_endpoints(o, positional, from_file, &e, f) != 0)
        return -1;
    if (live && endpoints_count(e) == 0 && add_profile(e, default_profile(o->site), f) != 0)
        return -1;
    if (add_legacy_hub(o, e, f) != 0)
        return -1;
    endpoints_give(e, o->site);
    if (positional)
        o->n_args = 0; /* they are in the site now */
    return 0;
}

int inputs_default_endpoints(struct options *o, struct fault *f)
{
    struct endpoints *e;

    if (o->site->n_endpoints > 0)
        return 0;
    e = endpoints_new(o->arena);
    if (add_profile(e, default_profile(o->site), f) != 0)
        return -1;
    endpoints_give(e, o->site);
    return 0;
}

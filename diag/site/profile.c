/* profile: see profile.h; the lists themselves are in profile.def. */
#include "diag/site/profile.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/site/endpoints.h"

#include <stdio.h>
#include <string.h>

#define LINE(host, port, service, kind, date, source) {host, port, service, date, source, kind},
#define REQUIRED                                      .optional = false
#define OPTIONAL                                      .optional = true
#define OPTIONAL_HTTP                                 .optional = true, .plain = true

#define PROFILE(symbol, name, title, advice) static const struct profile_line symbol##_lines[] = {
#define PROFILE_END                                                                                \
    }                                                                                              \
    ;
#include "diag/site/profile.def"
#undef PROFILE
#undef PROFILE_END
#undef LINE

#define LINE(host, port, service, kind, date, source)
#define PROFILE(symbol, name, title, advice)                                                       \
    {name, title, advice, symbol##_lines, sizeof symbol##_lines / sizeof symbol##_lines[0]},
#define PROFILE_END
static const struct profile all[] = {
#include "diag/site/profile.def"
};
#undef PROFILE
#undef PROFILE_END
#undef LINE

#define N_PROFILES (sizeof all / sizeof all[0])

const struct profile *profiles(size_t *n)
{
    *n = N_PROFILES;
    return all;
}

const struct profile *profile_find(const char *name, struct fault *f)
{
    const char *names[N_PROFILES], *near;
    char known[300] = "";
    size_t end = 0;

    for (size_t i = 0; i < N_PROFILES; i++) {
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
        names[i] = all[i].name;
        if (end < sizeof known)
            end += (size_t)snprintf(known + end, sizeof known - end, "%s%s", i > 0 ? ", " : "",
                                    all[i].name);
    }
    near = text_nearest(name, names, N_PROFILES);
    if (near != NULL)
        fault_set(f, "no profile is named \"%.40s\"; did you mean %s?", name, near);
    else
        fault_set(f, "no profile is named \"%.40s\"; there are %s", name, known);
    return NULL;
}

int profile_add(const struct profile *p, struct endpoints *e, struct fault *f)
{
    char source[80];

    snprintf(source, sizeof source, "profile %s", p->name);
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct profile_line *line = &p->lines[i];
        struct endpoint_facts facts = {.port = line->port,
                                       .service = line->service,
                                       .optional = line->optional,
                                       .plain = line->plain};

        if (endpoints_add(e, line->host, strlen(line->host), &facts, source, f) != 0)
            return -1;
    }
    return 0;
}

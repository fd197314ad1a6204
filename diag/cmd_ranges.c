/*
 * cmd_ranges: Azure's address ranges, from the file that Microsoft publishes every week: look-ups,
 * lists for firewalls, what changed, and whether a firewall's list still fits.
 */
#include "diag/commands.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/options.h"
#include "diag/output.h"
#include "diag/ranges.h"

#include <stdio.h>
#include <string.h>

enum { HITS_MAX = 64 };

/* What a Defender for IoT sensor needs. */
static const char *const default_tags[] = {"AzureIoTHub", "Storage", "EventHub"};

/* --- shared: see ranges.h --- */

static struct prefix_set of_family(const struct ranges *r, const struct service_tag *tag)
{
    struct prefix_set s = {0};

    for (size_t i = 0; i < tag->n_prefixes; i++) {
        if (r->o->family == 0 || (r->o->family == 6) == tag->prefixes[i].six)
            list_push(r->a, s.list, s.n, tag->prefixes[i]);
    }
    return s;
}

struct prefix_set ranges_published(const struct ranges *r, const struct service_tags *t,
                                   const char *name)
{
    const struct service_tag *tag = service_tags_find(t, name, NULL);

    return tag != NULL ? of_family(r, tag) : (struct prefix_set){0};
}

struct prefix_set ranges_merged(const struct ranges *r, const struct service_tags *t,
                                const char *name)
{
    struct prefix_set s = ranges_published(r, t, name);

    return prefix_merge(r->a, s.list, s.n);
}

struct prefix_set ranges_wanted(const struct ranges *r, const struct service_tags *t)
{
    struct prefix_set s = {0};

    for (size_t i = 0; i < r->n_names; i++) {
        struct prefix_set own = ranges_published(r, t, r->names[i]);

        for (size_t k = 0; k < own.n; k++)
            list_push(r->a, s.list, s.n, own.list[k]);
    }
    return prefix_merge(r->a, s.list, s.n);
}

json_t *ranges_json(const struct prefix_set *s)
{
    json_t *list = json_array();
    char text[PREFIX_TEXT];

    for (size_t i = 0; i < s->n; i++)
        json_array_append_new(list, json_string(prefix_text(&s->list[i], text)));
    return list;
}

/*
 * Microsoft uses a range one week after its publication at the earliest. With more than a week
 * between the files it may have been published the day after the older one.
 */
const char *ranges_live_from(const struct ranges *r)
{
    int64_t published = r->t->published_s;
    char date[16];

    if (published == SERVICE_TAGS_NO_DATE)
        return NULL;
    if (ranges_skip_weeks(r))
        published = r->old->published_s + SERVICE_TAGS_DAY_S;
    return arena_strdup(r->a, service_tags_date(published + SERVICE_TAGS_WEEK_S, date));
}

bool ranges_skip_weeks(const struct ranges *r)
{
    return r->old != NULL && r->old->published_s != SERVICE_TAGS_NO_DATE &&
           r->t->published_s != SERVICE_TAGS_NO_DATE &&
           r->t->published_s - r->old->published_s > SERVICE_TAGS_WEEK_S;
}

/* --- look-up --- */

static bool is_of(const struct ranges *r, const struct tag_hit *hits, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < r->n_names; k++) {
            if (strcmp(hits[i].tag->name, r->names[k]) == 0)
                return true;
        }
    }
    return false;
}

static void tell_hits(const struct ranges *r, const char *what, const struct tag_hit *hits,
                      size_t n)
{
    json_t *tags = r->json != NULL ? json_array() : NULL;
    char text[PREFIX_TEXT];

    if (tags == NULL)
        printf("%s\n%s", what, n == 0 ? "  in no service tag\n" : "");
    for (size_t i = 0; i < n; i++) {
        const struct service_tag *tag = hits[i].tag;

        prefix_text(hits[i].by, text);
        if (tags != NULL)
            json_array_append_new(tags, json_pack("{s:s, s:s, s:s}", "name", tag->name, "range",
                                                  text, "region", tag->region));
        else
            printf("  %-40s %s\n", tag->name, text);
    }
    if (tags != NULL)
        json_array_append_new(json_object_get(r->json, "addresses"),
                              json_pack("{s:s, s:o}", "address", what, "tags", tags));
}

/* A name is not resolved here; what its addresses must be in is known. */
static void tell_name(const struct ranges *r, const char *host, const struct azure_name *name)
{
    char tags[80];

    azure_tags_text(name, tags, sizeof tags);
    if (r->json != NULL)
        json_array_append_new(json_object_get(r->json, "names"),
                              json_pack("{s:s, s:s?, s:s?, s:s}", "name", host, "tag", name->tag,
                                        "or", name->also, "cloud", azure_cloud_text(name->cloud)));
    else if (name->tag == NULL)
        printf("%s\n  in no service tag: a content network serves it; allow it by name\n", host);
    else
        printf("%s\n  its public addresses belong to %s of %s\n", host, tags,
               azure_cloud_text(name->cloud));
    if (r->t->of != AZURE_UNKNOWN && name->cloud != r->t->of)
        fprintf(stderr, "hopproof: warning: %s is of %s, and %s is of %s\n", r->t->label,
                azure_cloud_text(r->t->of), host, azure_cloud_text(name->cloud));
}

/* "20.60.1.1", "20.60.1.0/24", "20.60.1.1:443", "[2603:1030::1]:443". */
static bool parse_target(const char *text, struct prefix *p)
{
    struct addr a;

    if (addr_parse(text, &a) || addr_parse_port(text, 0, &a)) {
        *p = prefix_of_addr(&a);
        return true;
    }
    if (!prefix_parse(text, p))
        return false;
    prefix_align(p);
    return true;
}

/* All of them before the first answer. */
static int check_targets(const struct ranges *r, struct fault *f)
{
    struct prefix p;

    for (size_t i = 1; i < r->o->n_args; i++) {
        const char *text = r->o->args[i];

        if (azure_name_of(text) == NULL && !parse_target(text, &p))
            return fault_set(f,
                             "\"%s\" is no address, no range and no name of an Azure service; "
                             "give the addresses that it resolves to",
                             text_printable(r->a, text, strlen(text), 100));
    }
    return 0;
}

static int look_up(struct ranges *r)
{
    int status = STATUS_PASS;

    if (r->json != NULL) {
        json_object_set_new(r->json, "addresses", json_array());
        json_object_set_new(r->json, "names", json_array());
    }
    for (size_t i = 1; i < r->o->n_args; i++) {
        const char *text = r->o->args[i];
        const char *shown = text_printable(r->a, text, strlen(text), 260);
        const struct azure_name *name = azure_name_of(text);
        struct tag_hit hits[HITS_MAX];
        struct prefix p;
        size_t n;

        if (name != NULL) {
            tell_name(r, shown, name);
            continue;
        }
        if (!parse_target(text, &p)) /* see check_targets */
            continue;
        n = service_tags_lookup(r->t, &p, hits, HITS_MAX);
        n = n < HITS_MAX ? n : HITS_MAX;
        tell_hits(r, shown, hits, n);
        if (r->o->n_tags > 0 && !r->all && !is_of(r, hits, n))
            status = STATUS_FAIL;
    }
    return status;
}

/* --- what is asked for --- */

static int add_name(struct ranges *r, const char *name, struct fault *f)
{
    const struct service_tag *tag = service_tags_find(r->t, name, f);

    if (tag == NULL && r->old != NULL) /* a tag may be gone */
        tag = service_tags_find(r->old, name, NULL);
    if (tag == NULL)
        return -1;
    for (size_t i = 0; i < r->n_names; i++) {
        if (strcmp(r->names[i], tag->name) == 0)
            return 0;
    }
    list_push(r->a, r->names, r->n_names, tag->name);
    return 0;
}

static void add_all(struct ranges *r)
{
    r->all = true;
    r->n_names = 0;
    for (size_t i = 0; i < r->t->n_tags; i++)
        list_push(r->a, r->names, r->n_names, r->t->tags[i].name);
    for (size_t i = 0; r->old != NULL && i < r->old->n_tags; i++) {
        if (service_tags_find(r->t, r->old->tags[i].name, NULL) == NULL)
            list_push(r->a, r->names, r->n_names, r->old->tags[i].name);
    }
}

static int choose_tags(struct ranges *r, struct fault *f)
{
    for (size_t i = 0; i < r->o->n_tags; i++) {
        if (text_equal_nocase(r->o->tags[i], "all")) {
            add_all(r);
            return 0;
        }
        if (add_name(r, r->o->tags[i], f) != 0)
            return -1;
    }
    if (r->o->n_tags > 0 || r->o->n_args > 1)
        return 0;
    for (size_t i = 0; i < sizeof default_tags / sizeof default_tags[0]; i++) {
        if (add_name(r, default_tags[i], f) != 0)
            return -1;
    }
    return 0;
}

/* What does not go together. */
static int check_usage(const struct options *o, struct fault *f)
{
    bool compares = o->against != NULL || o->allowed != NULL;

    if (o->n_args > 1 && compares)
        return fault_set(f, "--%s takes no addresses; look them up in a call of their own",
                         o->against != NULL ? "against" : "allowed");
    if (o->family == 5)
        return fault_set(f, "--family: \"5\" is not known; give 4 or 6");
    if ((o->range_format != NULL || o->set_name != NULL || o->no_merge) &&
        (compares || o->n_args > 1))
        return fault_set(f, "--%s belongs to a list; leave it out, or see --json",
                         o->range_format != NULL ? "format"
                         : o->set_name != NULL   ? "name"
                                                 : "no-merge");
    if (o->as_json && o->range_format != NULL && strcmp(o->range_format, "json") != 0)
        return fault_set(f, "--json and --format %.20s exclude each other; give one",
                         o->range_format);
    return ranges_list_check(o->range_format, o->set_name, f) ? 0 : -1;
}

static int read_files(struct ranges *r, struct fault *f)
{
    struct service_tags *t, *old;

    if (service_tags_read(r->o->args[0], r->a, &t, f) != 0)
        return -1;
    r->t = t;
    if (r->o->against == NULL)
        return 0;
    if (service_tags_read(r->o->against, r->a, &old, f) != 0)
        return -1;
    r->old = old;
    if (t->of != old->of && t->of != AZURE_UNKNOWN && old->of != AZURE_UNKNOWN)
        return fault_set(f, "%s is of %s, and %s is of %s; compare files of one cloud", t->label,
                         azure_cloud_text(t->of), old->label, azure_cloud_text(old->of));
    return 0;
}

/* Warnings on standard error, so that a list stays a list; in JSON as well. */
static void warn(struct ranges *r)
{
    const char *doubts[SERVICE_TAGS_DOUBTS + 1];
    size_t n = service_tags_doubts(r->t, clock_wall_us() / 1000000, r->a, doubts);
    json_t *list = json_array();

    if (r->old != NULL && r->t->published_s != SERVICE_TAGS_NO_DATE &&
        r->old->published_s != SERVICE_TAGS_NO_DATE && r->old->published_s > r->t->published_s)
        doubts[n++] = arena_printf(r->a, "%s is newer than %s; give the newer file first",
                                   r->old->label, r->t->label);
    for (size_t i = 0; i < n; i++) {
        fprintf(stderr, "hopproof: warning: %s\n", doubts[i]);
        json_array_append_new(list, json_string(doubts[i]));
    }
    if (r->json != NULL)
        json_object_set(r->json, "warnings", list);
    json_decref(list);
}

static json_t *file_json(const struct service_tags *t)
{
    char date[16];
    bool dated = t->published_s != SERVICE_TAGS_NO_DATE;

    service_tags_date(t->published_s, date);
    return json_pack("{s:s, s:s?, s:s?, s:o}", "file", t->label, "cloud", t->cloud, "published",
                     dated ? date : NULL, "change_number",
                     t->change_number >= 0 ? json_integer((json_int_t)t->change_number)
                                           : json_null());
}

static void begin_json(struct ranges *r)
{
    const char *format = r->o->range_format;

    if (!r->o->as_json && (format == NULL || strcmp(format, "json") != 0))
        return;
    r->json = file_json(r->t);
    if (r->old != NULL)
        json_object_set_new(r->json, "against", file_json(r->old));
}

static int answer(struct ranges *r, struct fault *f)
{
    if (r->o->n_args > 1)
        return look_up(r);
    if (r->o->allowed != NULL)
        return ranges_allowed(r, f);
    if (r->o->against != NULL)
        return ranges_difference(r);
    return ranges_list(r);
}

int cmd_ranges(struct options *o)
{
    struct ranges r = {.o = o, .a = o->arena};
    struct fault f;
    int status = -1;

    if (check_usage(o, &f) == 0 && check_targets(&r, &f) == 0 && read_files(&r, &f) == 0 &&
        choose_tags(&r, &f) == 0) {
        begin_json(&r);
        warn(&r);
        status = answer(&r, &f);
    }
    if (status < 0)
        fprintf(stderr, "hopproof: %s\n", f.text);
    else if (r.json != NULL && json_dumpf(r.json, stdout, JSON_INDENT(2)) == 0)
        putchar('\n');
    json_decref(r.json);
    if (status < 0)
        return STATUS_USAGE;
    return output_printed(status);
}

/* service_tags: see service_tags.h; look-up is in service_tags_index.c. */
#include "diag/site/service_tags.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The file of Nov 2025: 4.2 MB, 3,041 tags, 95,823 prefixes, names of up to 47 letters. */
enum {
    FILE_MAX = 64 * 1024 * 1024,
    TAGS_MAX = 50000,
    PREFIXES_MAX = 2 * 1000 * 1000,
    NAME_MAX_LEN = 100,
};

static const char advice[] = "download the file again (microsoft.com/download, id 56519 for "
                             "Azure Public, 57063 for Government, 57062 for China)";

struct reader {
    struct arena *arena;
    struct service_tags *t;
    const char *text; /* the whole file */
    const char *name; /* of the tag being read, NULL before it is known */
};

/*
 * The line of the first "word" behind `from`; 0 when it is not there as it stands (written with
 * escapes). The decoder keeps no line numbers, and they are needed for a broken file only.
 */
static unsigned long line_of(const struct reader *r, const char *word, const char **from)
{
    char quoted[256];
    unsigned long line = 1;
    const char *at;

    if (snprintf(quoted, sizeof quoted, "\"%s\"", word) >= (int)sizeof quoted)
        return 0;
    at = strstr(*from, quoted);
    if (at == NULL)
        return 0;
    *from = at;
    for (const char *p = r->text; (p = memchr(p, '\n', (size_t)(at - p))) != NULL; p++)
        line++;
    return line;
}

/* "FILE:LINE: tag NAME: what; advice", at the line of `word` within the tag being read. */
static int broken(const struct reader *r, const char *word, const char *what, struct fault *f)
{
    const char *from = r->text;
    unsigned long line = 1, found;

    if (r->name != NULL && (found = line_of(r, r->name, &from)) != 0)
        line = found;
    if (word != NULL && (found = line_of(r, word, &from)) != 0)
        line = found;
    if (r->name == NULL)
        return fault_at(f, r->t->label, line, "%s; %s", what, advice);
    return fault_at(f, r->t->label, line, "tag %s: %s; %s",
                    text_printable(r->arena, r->name, strlen(r->name), NAME_MAX_LEN), what, advice);
}

/* A whole number; Azure's own programs write it as text. -1 when there is none. */
static int64_t number_of(const json_t *value)
{
    unsigned long number;

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        return json_integer_value(value);
    if (json_is_string(value) && text_parse_uint(json_string_value(value), 1000000000, &number))
        return (int64_t)number;
    return -1;
}

static int read_prefixes(struct reader *r, const json_t *list, struct service_tag *tag,
                         struct fault *f)
{
    size_t n = json_array_size(list);

    if (!json_is_array(list))
        return broken(r, NULL, "has no list \"addressPrefixes\"", f);
    r->t->n_prefixes += n;
    if (r->t->n_prefixes > PREFIXES_MAX)
        return broken(r, NULL, "that is more prefixes than the file can have", f);
    tag->prefixes = arena_alloc(r->arena, (n + 1) * sizeof *tag->prefixes);
    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        struct prefix *p = &tag->prefixes[tag->n_prefixes++];

        if (text == NULL)
            return broken(r, "addressPrefixes", "a prefix is no text", f);
        if (!prefix_parse(text, p))
            return broken(r, text,
                          arena_printf(r->arena, "\"%s\" is no address prefix",
                                       text_printable(r->arena, text, strlen(text), 80)),
                          f);
        if (!prefix_is_aligned(p))
            return broken(r, text,
                          arena_printf(r->arena, "\"%s\" has bits behind its length",
                                       text_printable(r->arena, text, strlen(text), 80)),
                          f);
    }
    if (n > 0)
        qsort(tag->prefixes, n, sizeof *tag->prefixes, prefix_compare);
    return 0;
}

static bool is_tag_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= NAME_MAX_LEN &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

static int read_tag(struct reader *r, const json_t *value, struct service_tag *tag, struct fault *f)
{
    const json_t *properties = json_object_get(value, "properties");
    const char *name = json_string_value(json_object_get(value, "name"));
    const char *region;

    r->name = NULL;
    if (name == NULL)
        return broken(r, "values",
                      arena_printf(r->arena, "member %zu of \"values\" has no name",
                                   (size_t)(tag - r->t->tags)),
                      f);
    r->name = name;
    if (!is_tag_name(name))
        return broken(r, NULL, "that is no name of a tag", f);
    if (!json_is_object(properties))
        return broken(r, NULL, "has no \"properties\"", f);
    region = json_string_value(json_object_get(properties, "region"));
    tag->name = arena_strdup(r->arena, name);
    tag->region =
        region == NULL ? "" : text_printable(r->arena, region, strlen(region), NAME_MAX_LEN);
    return read_prefixes(r, json_object_get(properties, "addressPrefixes"), tag, f);
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* strcasecmp(3) without the locale. */
static int compare_names(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) - lower(*b);
}

static int by_name(const void *a, const void *b)
{
    const struct service_tag *x = a, *y = b;

    return compare_names(x->name, y->name);
}

static int read_tags(struct reader *r, const json_t *values, struct fault *f)
{
    struct service_tags *t = r->t;
    size_t n = json_array_size(values);

    if (n == 0)
        return broken(r, NULL, "is no service tags file: it has no list \"values\"", f);
    if (n > TAGS_MAX)
        return broken(r, "values", "that is more tags than the file can have", f);
    t->tags = arena_alloc(r->arena, n * sizeof *t->tags);
    for (size_t i = 0; i < n; i++) {
        t->n_tags++;
        if (read_tag(r, json_array_get(values, i), &t->tags[i], f) != 0)
            return -1;
    }
    qsort(t->tags, n, sizeof *t->tags, by_name);
    for (size_t i = 1; i < n; i++) {
        r->name = t->tags[i].name;
        if (compare_names(t->tags[i - 1].name, t->tags[i].name) == 0)
            return broken(r, NULL, "stands there twice", f);
    }
    if (t->n_prefixes == 0) {
        r->name = NULL;
        return broken(r, "values", "no tag has an address prefix", f);
    }
    return 0;
}

static int read_root(struct reader *r, const json_t *root, struct fault *f)
{
    const json_t *cloud = json_object_get(root, "cloud");

    if (cloud != NULL && !json_is_string(cloud))
        return broken(r, "cloud", "\"cloud\" is no text", f);
    if (cloud != NULL) {
        r->t->cloud =
            text_printable(r->arena, json_string_value(cloud), json_string_length(cloud), 60);
        r->t->of = azure_cloud_of(r->t->cloud);
    }
    r->t->change_number = number_of(json_object_get(root, "changeNumber"));
    return read_tags(r, json_object_get(root, "values"), f);
}

/* --- dates --- */

/* Days since 1970 of a day of the Gregorian calendar, as seconds; SERVICE_TAGS_NO_DATE. */
static int64_t date_of_digits(const char *d)
{
    struct tm tm = {.tm_year = (d[0] - '0') * 1000 + (d[1] - '0') * 100 + (d[2] - '0') * 10 +
                               (d[3] - '0') - 1900,
                    .tm_mon = (d[4] - '0') * 10 + (d[5] - '0') - 1,
                    .tm_mday = (d[6] - '0') * 10 + (d[7] - '0')};
    const struct tm given = tm;
    int64_t s = timegm(&tm);

    /* timegm takes 31 February for 3 March. Azure is not older than 2010. */
    if (tm.tm_mon != given.tm_mon || tm.tm_mday != given.tm_mday || given.tm_year < 110 ||
        given.tm_year > 200)
        return SERVICE_TAGS_NO_DATE;
    return s;
}

/* The last eight digits in a row in the file's name that are a date. */
static int64_t date_of_name(const char *label)
{
    const char *slash = strrchr(label, '/'), *p = slash != NULL ? slash + 1 : label;
    int64_t date = SERVICE_TAGS_NO_DATE;

    while (*p != '\0') {
        size_t len = strspn(p, "0123456789");

        if (len == 8 && date_of_digits(p) != SERVICE_TAGS_NO_DATE)
            date = date_of_digits(p);
        p += len > 0 ? len : 1;
    }
    return date;
}

const char *service_tags_date(int64_t s, char *to)
{
    time_t at = (time_t)s;
    struct tm tm;

    if (s == SERVICE_TAGS_NO_DATE || gmtime_r(&at, &tm) == NULL ||
        strftime(to, 16, "%Y-%m-%d", &tm) == 0)
        strcpy(to, "unknown date");
    return to;
}

size_t service_tags_doubts(const struct service_tags *t, int64_t now_s, struct arena *a,
                           const char *to[SERVICE_TAGS_DOUBTS])
{
    char date[16];
    size_t n = 0;

    if (t->published_s != SERVICE_TAGS_NO_DATE && now_s - t->published_s > SERVICE_TAGS_WEEK_S)
        to[n++] = arena_printf(a,
                               "%s is of %s, more than a week old, and Microsoft publishes weekly; "
                               "download the newest file",
                               t->label, service_tags_date(t->published_s, date));
    else if (t->published_s == SERVICE_TAGS_NO_DATE && t->saved_s != SERVICE_TAGS_NO_DATE &&
             now_s - t->saved_s > SERVICE_TAGS_WEEK_S)
        to[n++] = arena_printf(a,
                               "%s has no date in its name and was saved on %s, more than a week "
                               "ago; download the newest file",
                               t->label, service_tags_date(t->saved_s, date));
    if (t->of == AZURE_UNKNOWN)
        to[n++] = arena_printf(a,
                               "%s does not say of which cloud it is; make sure that it is the "
                               "cloud of your sensors",
                               t->label);
    else if (t->name_says != AZURE_UNKNOWN && t->name_says != t->of)
        to[n++] = arena_printf(a, "%s is of %s, although its name says %s; rename or replace it",
                               t->label, azure_cloud_text(t->of), azure_cloud_text(t->name_says));
    return n;
}

/* --- the whole --- */

int service_tags_parse(const char *text, size_t len, const char *label, struct arena *a,
                       struct service_tags **out, struct fault *f)
{
    struct service_tags *t = arena_new_of(a, struct service_tags);
    struct reader r = {.arena = a, .t = t};
    const char *slash = strrchr(label, '/');
    json_error_t error;
    json_t *root;
    int rc;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* an editor's byte order mark */
        text += 3;
        len -= 3;
    }
    t->label = arena_strdup(a, label);
    if (len == 0)
        return fault_set(f, "%s: is empty; %s", t->label, advice);
    t->name_says = azure_cloud_of(slash != NULL ? slash + 1 : label);
    t->change_number = -1;
    t->published_s = date_of_name(label);
    t->saved_s = SERVICE_TAGS_NO_DATE;
    r.text = text;
    /* Of two equal keys jansson would keep one, and ranges would be lost. */
    root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return fault_at(f, t->label, error.line > 0 ? (unsigned long)error.line : 1,
                        "is broken JSON: %s; %s",
                        text_printable(a, error.text, strlen(error.text), 200), advice);
    rc = read_root(&r, root, f);
    json_decref(root);
    if (rc != 0)
        return -1;
    service_tags_index(t, a);
    *out = t;
    return 0;
}

int service_tags_read(const char *path, struct arena *a, struct service_tags **out, struct fault *f)
{
    struct arena *scratch = arena_new(); /* the text is larger than what is kept of it */
    const char *text;
    struct stat info;
    size_t len;
    int rc = file_read(scratch, path, FILE_MAX, &text, &len, f);

    if (rc == 0)
        rc = service_tags_parse(text, len, file_label(scratch, path), a, out, f);
    if (rc == 0 && strcmp(path, "-") != 0 && stat(path, &info) == 0)
        (*out)->saved_s = (int64_t)info.st_mtime;
    arena_free(scratch);
    return rc;
}

const struct service_tag *service_tags_find(const struct service_tags *t, const char *name,
                                            struct fault *f)
{
    const struct service_tag key = {.name = name};
    const struct service_tag *found = bsearch(&key, t->tags, t->n_tags, sizeof key, by_name);
    const char **names, *near;

    if (found != NULL || f == NULL)
        return found;
    names = calloc(t->n_tags, sizeof *names);
    for (size_t i = 0; names != NULL && i < t->n_tags; i++)
        names[i] = t->tags[i].name;
    near = names != NULL ? text_nearest(name, names, t->n_tags) : NULL;
    if (near != NULL)
        fault_set(f, "%s has no tag \"%.80s\"; did you mean %s?", t->label, name, near);
    else
        fault_set(f, "%s has no tag \"%.80s\"; give a name like Storage or Storage.WestEurope",
                  t->label, name);
    free(names);
    return NULL;
}

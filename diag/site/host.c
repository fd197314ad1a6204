/* host: see host.h. Internationalised names through libidn2: RFC 5891, UTS #46. */
#include "diag/site/host.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"

#include <idn2.h>
#include <string.h>

enum { LABEL_MAX = 63, NAME_MAX_LEN = 253, TEXT_MAX = 1024 };

/* The offending text for a message. */
static const char *shown(struct arena *a, const char *text, size_t len)
{
    return text_printable(a, text, len, 80);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_ldh(char c) /* letters, digits, hyphen; and the underscore of real life */
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* A name whose last label is a number would be taken for an IPv4 address by other programs. */
static bool ends_in_number(const char *name)
{
    const char *dot = strrchr(name, '.'), *last = dot == NULL ? name : dot + 1;

    return *last != '\0' && strspn(last, "0123456789") == strlen(last);
}

/* Check a lower-case ASCII name label by label; `as` is how the user wrote it. */
static int check_labels(const char *name, const char *as, struct fault *f)
{
    const char *label = name;

    if (strlen(name) > NAME_MAX_LEN)
        return fault_set(f, "\"%s\" is longer than the 253 characters of a host name; shorten it",
                         as);
    for (;;) {
        size_t len = strcspn(label, ".");

        if (len == 0)
            return fault_set(f, "\"%s\" has an empty label; remove the extra dot", as);
        if (len > LABEL_MAX)
            return fault_set(f, "\"%s\" has a label longer than 63 characters; shorten it", as);
        for (size_t i = 0; i < len; i++) {
            if (label[i] == '*')
                return fault_set(f,
                                 "\"%s\": a wildcard is one whole label in front, such as "
                                 "*.azure-devices.net; write it so",
                                 as);
            if (!is_ldh(label[i]))
                return fault_set(f,
                                 "\"%s\" is no host name: only letters, digits, hyphens and dots "
                                 "may stand in one; correct it",
                                 as);
        }
        if (label[0] == '-' || label[len - 1] == '-')
            return fault_set(f, "\"%s\" has a label that begins or ends with a hyphen; correct it",
                             as);
        if (label[len] == '\0')
            return 0;
        label += len + 1;
    }
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80)
            return false;
    }
    return true;
}

/* An ASCII copy in lower case; U-labels become A-labels. */
static int to_ascii(struct arena *a, const char *name, const char *as, char **out, struct fault *f)
{
    uint8_t *looked_up = NULL;
    char *copy;
    int rc;

    if (is_ascii(name)) {
        copy = arena_strdup(a, name);
    } else {
        rc = idn2_lookup_u8((const uint8_t *)name, &looked_up,
                            IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
        if (rc != IDN2_OK)
            return fault_set(f, "\"%s\" is no internationalised host name: %s; correct it", as,
                             idn2_strerror(rc));
        copy = arena_strdup(a, (const char *)looked_up);
        idn2_free(looked_up);
    }
    for (char *c = copy; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    *out = copy;
    return 0;
}

static int parse_address(struct arena *a, const char *text, const char *as, struct host *out,
                         struct fault *f)
{
    char shortest[ADDR_TEXT];
    struct addr addr;

    if (!addr_parse(text, &addr))
        return fault_set(f, "\"%s\" looks like an address, but is none; correct it", as);
    *out = (struct host){arena_strdup(a, addr_text(&addr, shortest)), HOST_ADDRESS};
    return 0;
}

static int parse_name(struct arena *a, const char *text, const char *as, struct host *out,
                      struct fault *f)
{
    bool wildcard = strncmp(text, "*.", 2) == 0;
    char *name;
    size_t len;

    if (to_ascii(a, wildcard ? text + 2 : text, as, &name, f) != 0)
        return -1;
    len = strlen(name);
    if (len > 1 && name[len - 1] == '.') /* the root's dot */
        name[len - 1] = '\0';
    if (name[0] == '.' && name[1] != '\0')
        return fault_set(f, "\"%s\" begins with a dot; write *%s for a group of names", as, name);
    if (name[0] == '*' && name[1] != '\0' && name[1] != '.')
        return fault_set(f, "\"%s\": a wildcard is one whole label; did you mean *.%s?", as,
                         name + 1);
    if (ends_in_number(name))
        return fault_set(f, "\"%s\" is neither an IPv4 address nor a host name; correct it", as);
    if (check_labels(name, as, f) != 0)
        return -1;
    *out = wildcard ? (struct host){arena_printf(a, "*.%s", name), HOST_WILDCARD}
                    : (struct host){name, HOST_NAME};
    return 0;
}

int host_parse(struct arena *a, const char *text, size_t len, struct host *out, struct fault *f)
{
    const char *as = shown(a, text, len);
    char copy[TEXT_MAX + 1];
    struct addr addr;

    if (len == 0)
        return fault_set(f, "\"\" is no host; give a name or an address");
    if (len > TEXT_MAX || memchr(text, '\0', len) != NULL)
        return fault_set(f, "\"%s\" is no host name; correct it", as);
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (copy[0] == '[') {
        if (copy[len - 1] != ']')
            return fault_set(f, "\"%s\": the bracket of an IPv6 address is not closed; add ]", as);
        copy[len - 1] = '\0';
        if (strchr(copy + 1, ':') == NULL)
            return fault_set(f, "\"%s\": only an IPv6 address stands in brackets; remove them", as);
        return parse_address(a, copy + 1, as, out, f);
    }
    if (strchr(copy, ':') != NULL || addr_parse(copy, &addr))
        return parse_address(a, copy, as, out, f);
    return parse_name(a, copy, as, out, f);
}

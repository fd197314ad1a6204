/* azure_export: see azure_export.h. */
#include "diag/site/azure_export.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"

#include <string.h>
#include <strings.h>

/* A group holds at most 1,000 rules; looking for the lines of larger files takes too long. */
enum { SHOWN = 120, ID_SHOWN = 600, LINES_OF_MAX = 2 * 1024 * 1024 };

/* A member in either form, its name in any case. */
json_t *export_member(json_t *object, const char *name)
{
    json_t *forms[2] = {object, json_object_get(object, "properties")};
    const char *key;
    json_t *value;

    for (size_t i = 0; i < 2; i++) {
        json_object_foreach(forms[i], key, value)
        {
            if (strcasecmp(key, name) == 0 && !json_is_null(value))
                return value;
        }
    }
    return NULL;
}

const char *export_text(const struct export *s, json_t *object, const char *name)
{
    json_t *value = export_member(object, name);

    return json_is_string(value) ? text_printable(s->arena, json_string_value(value),
                                                  json_string_length(value), SHOWN)
                                 : NULL;
}

unsigned export_number(json_t *object, const char *name)
{
    json_t *value = export_member(object, name);
    unsigned long number = 0;

    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) <= 65535)
        return (unsigned)json_integer_value(value);
    if (json_is_string(value) && text_parse_uint(json_string_value(value), 65535, &number))
        return (unsigned)number;
    return 0;
}

/* The line that says "name": "NAME"; 0 where none does. */
unsigned long export_line(const struct export *s, const char *name)
{
    const char *p = s->bytes, *end = s->bytes + s->len, *quoted;
    unsigned long line = 1;

    if (name == NULL || s->len > LINES_OF_MAX)
        return 0;
    quoted = arena_printf(s->arena, "\"%s\"", name);
    for (; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));

        stop = stop == NULL ? end : stop;
        if (memmem(p, (size_t)(stop - p), "\"name\"", 6) != NULL &&
            memmem(p, (size_t)(stop - p), quoted, strlen(quoted)) != NULL)
            return line;
        p = stop + 1;
    }
    return 0;
}

json_t *export_load(const struct export *s, struct fault *f)
{
    const char *bytes = s->bytes;
    size_t len = s->len;
    json_error_t error;
    json_t *root;

    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        fault_at(f, s->label, (unsigned long)(error.line > 0 ? error.line : 1),
                 "no valid JSON: %s; export it again",
                 text_printable(s->arena, error.text, strlen(error.text), SHOWN));
    return root;
}

bool export_has(json_t *object, const char *name)
{
    return export_member(object, name) != NULL;
}

bool export_true(json_t *object, const char *name)
{
    return json_is_true(export_member(object, name));
}

size_t export_size(json_t *object, const char *name)
{
    return json_array_size(export_member(object, name));
}

const char *export_last_part(const char *id)
{
    const char *slash = id != NULL ? strrchr(id, '/') : NULL;

    return slash == NULL ? id : slash + 1;
}

const char *export_id(const struct export *s, json_t *object)
{
    json_t *id = export_member(object, "id");

    return json_is_string(id)
               ? text_printable(s->arena, json_string_value(id), json_string_length(id), ID_SHOWN)
               : NULL;
}

const char *export_referred(const struct export *s, json_t *object, const char *name)
{
    json_t *to = export_member(object, name);

    return json_is_object(to) ? export_last_part(export_id(s, to)) : NULL;
}

json_t *export_first(json_t *root)
{
    json_t *list = json_is_array(root) ? root : export_member(root, "value");

    return json_is_array(list) ? json_array_get(list, 0) : root;
}

json_t *export_at(json_t *root, size_t i)
{
    json_t *list = json_is_array(root) ? root : export_member(root, "value");

    return json_is_array(list) ? json_array_get(list, i) : i == 0 ? root : NULL;
}

/* Microsoft.Network/TYPE, or what only such an object has. A probe names its rules, and a network's
 * subnets their gateways: the object's own members are looked at, none below. */
enum export_kind export_recognize(const char *bytes, size_t len)
{
    static const struct {
        const char *type, *has, *and;
        enum export_kind kind;
    } kinds[] = {
        {"loadBalancers/probes", "intervalInSeconds", "port", EXPORT_PROBES},
        {"loadBalancers", "loadBalancingRules", "frontendIPConfigurations", EXPORT_BALANCER},
        {"loadBalancers", "loadBalancingRules", "loadBalancingRules", EXPORT_BALANCER},
        {"networkSecurityGroups", "securityRules", "securityRules", EXPORT_NSG},
        {"natGateways", "publicIpAddresses", "idleTimeoutInMinutes", EXPORT_NAT},
        {"routeTables", "routes", "routes", EXPORT_ROUTES},
        {"virtualNetworks/subnets", "addressPrefix", "serviceEndpoints", EXPORT_SUBNET},
        {"virtualNetworks/subnets", "addressPrefix", "natGateway", EXPORT_SUBNET},
        {"virtualNetworks/subnets", "addressPrefix", "defaultOutboundAccess", EXPORT_SUBNET},
    };
    const char *prefix = "Microsoft.Network/";
    json_t *root = json_loadb(bytes, len, 0, NULL), *one = export_first(root);
    const char *type = json_string_value(export_member(one, "type"));
    enum export_kind kind = EXPORT_NSG; /* its reader says what is wrong with it */

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        bool typed = type != NULL && text_starts_with_nocase(type, prefix);

        if (typed ? strcasecmp(type + strlen(prefix), kinds[i].type) == 0
                  : export_has(one, kinds[i].has) && export_has(one, kinds[i].and)) {
            kind = kinds[i].kind;
            break;
        }
    }
    json_decref(root);
    return kind;
}

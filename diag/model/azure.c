/* azure: see azure.h. */
#include "diag/model/azure.h"

#include "diag/base/text.h"

#include <stdio.h>
#include <string.h>

static const struct azure_name names[] = {
#define AZURE_NAME(suffix, tag, also, cloud) {"." suffix, tag, also, AZURE_##cloud},
#include "diag/model/azure.def"
#undef AZURE_NAME
};

const struct azure_name *azure_name_of(const char *host)
{
    for (size_t i = 0; host != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (text_ends_with_nocase(host, names[i].suffix) ||
            text_equal_nocase(host, names[i].suffix + 1))
            return &names[i];
    }
    return NULL;
}

const char *azure_tags_text(const struct azure_name *name, char *to, size_t room)
{
    if (name->tag == NULL)
        snprintf(to, room, "no tag");
    else if (name->also == NULL)
        snprintf(to, room, "%s", name->tag);
    else
        snprintf(to, room, "%s or %s", name->tag, name->also);
    return to;
}

bool azure_tag_is(const char *tag, size_t len, const char *wanted)
{
    size_t wanted_len;

    if (wanted == NULL)
        return false;
    wanted_len = strlen(wanted);
    return len >= wanted_len && text_starts_with_nocase(tag, wanted) &&
           (len == wanted_len || tag[wanted_len] == '.');
}

enum azure_cloud azure_cloud_of(const char *word)
{
    static const struct {
        const char *part;
        enum azure_cloud cloud;
    } words[] = {
        /* The word of the download files, and those that Azure's programs use. */
        {"china", AZURE_CHINA},           {"mooncake", AZURE_CHINA},
        {"government", AZURE_GOVERNMENT}, {"usgov", AZURE_GOVERNMENT},
        {"fairfax", AZURE_GOVERNMENT},    {"german", AZURE_GERMANY},
        {"blackforest", AZURE_GERMANY},   {"public", AZURE_PUBLIC},
        {"azurecloud", AZURE_PUBLIC},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_contains_nocase(word, words[i].part))
            return words[i].cloud;
    }
    return AZURE_UNKNOWN;
}

const char *azure_cloud_text(enum azure_cloud cloud)
{
    switch (cloud) {
    case AZURE_PUBLIC:
        return "Azure Public";
    case AZURE_GOVERNMENT:
        return "Azure Government";
    case AZURE_CHINA:
        return "Azure China";
    case AZURE_GERMANY:
        return "Azure Germany";
    case AZURE_UNKNOWN:
        break;
    }
    return "an unknown cloud";
}

/* azure: Azure's clouds, and which service tag the addresses of a name belong to (azure.def). */
#ifndef HOPPROOF_MODEL_AZURE_H
#define HOPPROOF_MODEL_AZURE_H

#include <stdbool.h>
#include <stddef.h>

/* The clouds are separate: each has its own domains, its own addresses, its own tags file. */
enum azure_cloud { AZURE_UNKNOWN, AZURE_PUBLIC, AZURE_GOVERNMENT, AZURE_CHINA, AZURE_GERMANY };

struct azure_name {
    const char *suffix;
    const char *tag, *also; /* NULL: no tag has it; only one tag has it */
    enum azure_cloud cloud;
};

/* What is known of a host name or wildcard; NULL when nothing is. */
const struct azure_name *azure_name_of(const char *host);

/* "AzureIoTHub" or "AzureIoTHub or ...": for texts; `to` has room for 80 bytes. */
const char *azure_tags_text(const struct azure_name *name, char *to, size_t room);

/* Is "Storage.WestEurope" (len octets) the tag "Storage", or a region of it? */
bool azure_tag_is(const char *tag, size_t len, const char *wanted);

/* The cloud that a word of a file or of a file's name means; what it is called. */
enum azure_cloud azure_cloud_of(const char *word);
const char *azure_cloud_text(enum azure_cloud cloud);

#endif

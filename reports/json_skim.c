/* json_skim: see json_skim.h. */
#include "reports/json_skim.h"

#include <stdbool.h>
#include <string.h>

/* Behind the string that begins at text[i]; len when it does not end. */
static size_t skip_string(const char *text, size_t len, size_t i)
{
    for (i++; i < len; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '"')
            return i + 1;
    }
    return len;
}

static size_t skip_space(const char *text, size_t len, size_t i)
{
    while (i < len && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t'))
        i++;
    return i;
}

/* Behind the list or object that begins at text[i]; 0 when its brackets do not match. */
static size_t skip_nested(const char *text, size_t len, size_t i)
{
    size_t depth = 0;

    while (i < len) {
        if (text[i] == '"') {
            i = skip_string(text, len, i);
            continue;
        }
        if (text[i] == '[' || text[i] == '{')
            depth++;
        else if (text[i] == ']' || text[i] == '}')
            depth--;
        i++;
        if (depth == 0)
            return i;
    }
    return 0;
}

static bool is_bulk(const char *name, size_t len)
{
    return (len == 7 && memcmp(name, "\"steps\"", 7) == 0) ||
           (len == 6 && memcmp(name, "\"wire\"", 6) == 0);
}

size_t json_skim(char *text, size_t len)
{
    size_t from = 0, to = 0;

    while (from < len) {
        size_t end, value, behind;

        if (text[from] != '"') {
            text[to++] = text[from++];
            continue;
        }
        end = skip_string(text, len, from);
        value = skip_space(text, len, end);
        behind = 0;
        if (is_bulk(text + from, end - from) && value < len && text[value] == ':') {
            value = skip_space(text, len, value + 1);
            if (value < len && (text[value] == '[' || text[value] == '{'))
                behind = skip_nested(text, len, value);
        }
        memmove(text + to, text + from, end - from);
        to += end - from;
        from = end;
        if (behind != 0) { /* "[" and "]" leave room for ":" and null only where there was more */
            static const char null[] = ":null";

            if (behind - end < sizeof null - 1)
                continue;
            memcpy(text + to, null, sizeof null - 1);
            to += sizeof null - 1;
            from = behind;
        }
    }
    return to;
}

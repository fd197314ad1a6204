/*
 * redact_quotes: what strangers say, and our sentences quote: a banner, a page's title, a reason
 * phrase. Nobody can tell which of its words names the site, so it goes as a whole. Part of
 * redact_parts.h.
 */
#include "diag/base/text.h"
#include "reports/redact_parts.h"

#include <stdio.h>
#include <string.h>

/* What servers say of themselves in every installation; a status may stand in front. */
static bool is_usual_phrase(const char *s)
{
    static const char *const phrases[] = {"Accepted",
                                          "Access Denied",
                                          "Authorization Required",
                                          "Bad Gateway",
                                          "Bad Request",
                                          "Connection established",
                                          "Connection refused",
                                          "ERROR: Cache Access Denied",
                                          "ERROR: Cache Manager Access Denied",
                                          "ERROR: The requested URL could not be retrieved",
                                          "Forbidden",
                                          "Found",
                                          "Gateway Time-out",
                                          "Gateway Timeout",
                                          "Internal Server Error",
                                          "Method Not Allowed",
                                          "Moved Permanently",
                                          "No Content",
                                          "Not Acceptable",
                                          "Not Found",
                                          "OK",
                                          "Proxy Authentication Required",
                                          "Request Timeout",
                                          "See Other",
                                          "Service Temporarily Unavailable",
                                          "Service Unavailable",
                                          "Switching Protocols",
                                          "Temporary Redirect",
                                          "The plain HTTP request was sent to HTTPS port",
                                          "Too Many Requests",
                                          "Unauthorized",
                                          "Unavailable For Legal Reasons",
                                          "Upgrade Required",
                                          "Welcome to nginx!"};
    const size_t digits = strspn(s, "0123456789");

    s += digits == 3 && s[3] == ' ' ? 4 : 0;
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (text_equal_nocase(s, phrases[i]))
            return true;
    }
    return false;
}

/* A single word may be too much of a name or an ordinary word to be replaced wherever it stands. */
static bool is_too_common(const char *s)
{
    return strlen(s) < 4 ||
           (strchr(s, ' ') == NULL && strpbrk(s, ".>:/") != NULL && strncmp(s, "SSH-", 4) != 0);
}

/* The length of what says only which protocol it is, with the status of HTTP. */
static size_t opening(const char *s)
{
    static const char *const openings[] = {"HTTP/1.0 ", "HTTP/1.1 ", "SSH-1.99-", "SSH-2.0-",
                                           "220 ",      "220-",      "+OK ",      "RFB "};
    size_t len = 0;

    for (size_t i = 0; i < sizeof openings / sizeof openings[0] && len == 0; i++) {
        if (strncmp(s, openings[i], strlen(openings[i])) == 0)
            len = strlen(openings[i]);
    }
    if (len > 0 && s[0] == 'H')
        len += strspn(s + len, "0123456789") == 3 ? 3 : 0;
    return len;
}

bool redact_quote(struct redactor *rd, const char *s, char *to, size_t room)
{
    const size_t keep = opening(s);

    if (is_usual_phrase(s) || is_too_common(s))
        return false;
    snprintf(to, room, "%.*s%stext-%zu", (int)keep, s, keep > 0 ? "..." : "", ++rd->n_quotes);
    return true;
}

/* allowed: see allowed.h. */
#include "diag/site/allowed.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/text.h"

#include <string.h>

enum { FILE_MAX = 32 * 1024 * 1024, ENTRIES_MAX = 1000 * 1000, WORD_MAX = 100 };

/* What stands between the words of any export. */
static const char separators[] = " \t\r\n\"'`,;=()[]{}<>|";

struct words {
    const char *at, *end; /* the rest of the line */
};

/* The next word, into `to`; false at the end of the line or at a comment. */
static bool next_word(struct words *w, char to[WORD_MAX])
{
    size_t len;

    for (;;) {
        while (w->at < w->end && strchr(separators, *w->at) != NULL)
            w->at++;
        if (w->at == w->end || *w->at == '#' || *w->at == '!' ||
            (w->end - w->at > 1 && memcmp(w->at, "//", 2) == 0))
            return false;
        for (len = 0; w->at + len < w->end && strchr(separators, w->at[len]) == NULL;)
            len++;
        w->at += len;
        if (len < WORD_MAX) /* a longer one is no address */
            break;
    }
    memcpy(to, w->at - len, len);
    to[len] = '\0';
    return true;
}

/* Length of a mask of ones and then zeros; a wildcard mask is the same turned round. -1: neither.
 */
static int mask_bits(const struct prefix *p, bool wildcard)
{
    uint32_t mask =
        (uint32_t)p->ip[0] << 24 | (uint32_t)p->ip[1] << 16 | (uint32_t)p->ip[2] << 8 | p->ip[3];
    int bits = 0;

    if (wildcard)
        mask = ~mask;
    for (; (mask & 0x80000000U) != 0; mask <<= 1)
        bits++;
    return mask == 0 ? bits : -1;
}

/*
 * Does the next word say how long the range is? A mask after an address without length: ones first
 * (255.255.0.0), or zeros first (0.0.255.255). 0.0.0.0 after 0.0.0.0 is everything, after another
 * address it is the wildcard mask of a host.
 */
static void take_mask(struct words *w, struct prefix *p)
{
    struct words ahead = *w;
    char word[WORD_MAX];
    struct prefix mask;
    int bits;

    if (!next_word(&ahead, word) || strchr(word, '/') != NULL || !prefix_parse(word, &mask) ||
        mask.six)
        return;
    if (mask.ip[0] == 255)
        bits = mask_bits(&mask, false);
    else if (mask.ip[0] == 0)
        bits = p->ip[0] == 0 && mask_bits(&mask, false) == 0 ? 0 : mask_bits(&mask, true);
    else
        bits = -1;
    if (bits < 0)
        return;
    p->bits = (uint8_t)bits;
    *w = ahead;
}

/* "20.60.0.0/255.255.0.0", as Squid writes it. */
static bool parse_with_mask(char *word, struct prefix *out)
{
    char *slash = strchr(word, '/');
    struct prefix p, mask;
    bool both;
    int bits;

    if (slash == NULL)
        return false;
    *slash = '\0';
    both = prefix_parse(word, &p) && prefix_parse(slash + 1, &mask) && !p.six && !mask.six;
    *slash = '/';
    bits = both && strchr(slash + 1, '/') == NULL ? mask_bits(&mask, false) : -1;
    if (bits < 0)
        return false;
    p.bits = (uint8_t)bits;
    *out = p;
    return true;
}

/* Digits, dots and a slash, or colons and a slash: somebody meant a range. */
static bool looks_like_a_range(const char *word)
{
    const char *slash = strchr(word, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - word);

    if (slash == NULL || slash[1] == '\0' || strspn(slash + 1, "0123456789.") != strlen(slash + 1))
        return false;
    return (strspn(word, "0123456789.") == len && memchr(word, '.', len) != NULL) ||
           (strspn(word, "0123456789abcdefABCDEF:.") == len && memchr(word, ':', len) != NULL);
}

static int add(struct arena *a, struct allowed *to, struct prefix p, unsigned long line,
               struct fault *f)
{
    if (to->n_entries == ENTRIES_MAX)
        return fault_at(f, to->label, line, "more than %d ranges; is it the right file?",
                        ENTRIES_MAX);
    prefix_align(&p);
    list_push(a, to->entries, to->n_entries, ((struct allowed_entry){p, line}));
    return 0;
}

/* "ADDR-ADDR". 1 when it was one, 0 when it is something else. */
static int add_span(struct arena *a, struct allowed *to, char *word, unsigned long line,
                    struct fault *f)
{
    char *dash = strchr(word, '-');
    struct prefix low, high;
    struct prefix_set s;

    if (dash == NULL)
        return 0;
    *dash = '\0';
    if (!prefix_parse(word, &low) || !prefix_parse(dash + 1, &high)) {
        *dash = '-';
        return 0;
    }
    *dash = '-';
    s = prefix_span(a, &low, &high);
    if (s.n == 0)
        return fault_at(f, to->label, line, "\"%s\" ends before it begins; correct it", word);
    for (size_t i = 0; i < s.n; i++) {
        if (add(a, to, s.list[i], line, f) != 0)
            return -1;
    }
    return 1;
}

static int take_word(struct arena *a, struct allowed *to, struct words *w, char *word,
                     unsigned long line, struct fault *f)
{
    struct prefix p;
    int span;

    if (prefix_parse(word, &p)) {
        if (strchr(word, '/') == NULL && !p.six)
            take_mask(w, &p);
        return add(a, to, p, line, f);
    }
    if (parse_with_mask(word, &p))
        return add(a, to, p, line, f);
    span = add_span(a, to, word, line, f);
    if (span != 0)
        return span < 0 ? -1 : 0;
    if (looks_like_a_range(word))
        return fault_at(f, to->label, line, "\"%s\" is no address range; correct it",
                        text_printable(a, word, strlen(word), WORD_MAX));
    return 0;
}

static bool denies(const char *word)
{
    static const char *const words[] = {"deny", "drop", "reject", "block", "no"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_equal_nocase(word, words[i]))
            return true;
    }
    return false;
}

static int take_line(struct arena *a, struct allowed *to, struct words w, unsigned long line,
                     struct fault *f)
{
    char word[WORD_MAX];
    bool first = true;

    while (next_word(&w, word)) {
        if (first && denies(word)) {
            to->n_denials++;
            return 0;
        }
        first = false;
        if (take_word(a, to, &w, word, line, f) != 0)
            return -1;
    }
    return 0;
}

int allowed_parse(const char *text, size_t len, const char *label, struct arena *a,
                  struct allowed **out, struct fault *f)
{
    struct allowed *to = arena_new_of(a, struct allowed);
    unsigned long line = 1;

    to->label = arena_strdup(a, label);
    if (memchr(text, '\0', len) != NULL)
        return fault_set(f, "%s: holds binary data; give the allowed ranges as text", to->label);
    for (const char *p = text, *end; p < text + len; p = end + 1, line++) {
        end = memchr(p, '\n', (size_t)(text + len - p));
        if (end == NULL)
            end = text + len;
        if (take_line(a, to, (struct words){p, end}, line, f) != 0)
            return -1;
    }
    if (to->n_entries == 0)
        return fault_set(f, "%s: names no address range; give one in each line, as 20.60.0.0/16",
                         to->label);
    *out = to;
    return 0;
}

int allowed_read(const char *path, struct arena *a, struct allowed **out, struct fault *f)
{
    const char *text;
    size_t len;

    if (file_read(a, path, FILE_MAX, &text, &len, f) != 0)
        return -1;
    return allowed_parse(text, len, file_label(a, path), a, out, f);
}

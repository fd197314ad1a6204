/*
 * run_stories: plays every story and holds what is read against what it expects. Then reads each
 * capture cut off at every octet, cut in every packet, and with octets turned over: whatever
 * comes out, nothing may crash, hang or grow (the sanitizers watch).
 *
 * run_stories [-v] [-w CAPTURE] STORY...    -v prints the facts, -w writes the capture
 */
#include "capture/wire.h"
#include "diag/base/fault.h"
#include "tests/wire/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int facts_of(const void *bytes, size_t len, struct buf *facts)
{
    struct wire_file *file = NULL;
    struct fault f = {""};

    if (wire_read_memory(bytes, len, NULL, &file, &f) != 0) {
        buf_printf(facts, "fault %s\n", f.text);
        return -1;
    }
    facts_print(file, facts);
    wire_file_free(file);
    return 0;
}

static int check_story(const struct story *s, const char *path, bool verbose)
{
    struct buf facts;
    int failed = 0;

    buf_init(&facts, 16 * 1024 * 1024);
    facts_of(s->capture.data, s->capture.len, &facts);
    for (size_t i = 0; i < s->n_expected; i++) {
        if (facts_hold(buf_text(&facts), s->expected[i]))
            continue;
        printf("%s: not found: %s\n", path, s->expected[i]);
        failed = 1;
    }
    if (failed || verbose)
        printf("%s: the facts are:\n%s", path, buf_text(&facts));
    buf_free(&facts);
    return failed;
}

/* A copy in a block of its own size, so that the sanitizer sees every octet read too far. */
static void read_copy(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    struct buf facts;

    if (copy == NULL)
        exit(2);
    if (len > 0)
        memcpy(copy, bytes, len);
    buf_init(&facts, 16 * 1024 * 1024);
    facts_of(copy, len, &facts);
    buf_free(&facts);
    free(copy);
}

static void torture(const struct story *s, unsigned step)
{
    uint8_t *bytes = malloc(s->capture.len);
    unsigned seed = 1;

    if (bytes == NULL)
        exit(2);
    for (size_t len = 0; len < s->capture.len; len += step)
        read_copy(s->capture.data, len);
    for (size_t at = 0; at < s->capture.len; at += step) {
        memcpy(bytes, s->capture.data, s->capture.len);
        seed = seed * 1103515245u + 12345u;
        bytes[at] = (uint8_t)(seed >> 16);
        bytes[(at * 7919u) % s->capture.len] ^= (uint8_t)(seed >> 8);
        read_copy(bytes, s->capture.len);
    }
    free(bytes);
}

static void write_capture(const struct story *s, const char *path)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(s->capture.data, 1, s->capture.len, file) != s->capture.len ||
        fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    const char *write_to = NULL;
    bool verbose = false;
    unsigned step = 0;
    int failed = 0, option;

    while ((option = getopt(argc, argv, "vw:t:")) != -1) {
        if (option == 'v')
            verbose = true;
        else if (option == 'w')
            write_to = optarg;
        else if (option == 't')
            step = (unsigned)strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    if (optind == argc)
        return 2;
    for (int i = optind; i < argc; i++) {
        struct story s;

        if (story_load(argv[i], &s) != 0) {
            failed = 1;
        } else {
            failed |= check_story(&s, argv[i], verbose);
            if (write_to != NULL)
                write_capture(&s, write_to);
            if (step > 0)
                torture(&s, step);
        }
        story_free(&s);
    }
    return failed;
}

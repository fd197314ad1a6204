/*
 * replay: runs a fuzz target over files and folders of seeds, without a fuzzer: each input whole
 * and cut to half. Fails when there is no seed at all.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

enum { SEED_MAX = 1 << 20 };

static unsigned long replayed;

/* From memory of just that size, so that a sanitizer sees the first octet read too far. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);

    MUST(copy != NULL);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static int replay_file(const char *path)
{
    static uint8_t data[SEED_MAX];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        perror(path);
        return -1;
    }
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    run(data, size);
    run(data, size / 2);
    replayed++;
    return 0;
}

static int replay(const char *path)
{
    struct dirent *entry;
    char inside[PATH_MAX];
    struct stat st;
    int result = 0;
    DIR *dir;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        return replay_file(path);
    dir = opendir(path);
    if (dir == NULL) {
        perror(path);
        return -1;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (replay_file(inside) != 0)
            result = -1;
    }
    closedir(dir);
    return result;
}

int main(int argc, char **argv)
{
    int result = EXIT_SUCCESS;

    for (int i = 1; i < argc; i++) {
        if (replay(argv[i]) != 0)
            result = EXIT_FAILURE;
    }
    printf("%lu seeds\n", replayed);
    return replayed == 0 ? EXIT_FAILURE : result;
}

/*
 * write_schema: docs/report.schema.json from the tables.
 *
 *   write_schema > docs/report.schema.json     make it anew
 *   write_schema --check FILE                  exit 1 when FILE is not what the tables say
 */
#include "diag/base/buf.h"
#include "reports/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check(const char *path)
{
    char *wanted = NULL;
    size_t len = 0, i = 0;
    FILE *memory = open_memstream(&wanted, &len), *file = fopen(path, "r");
    int c = EOF;

    if (memory == NULL || file == NULL || json_write_schema(memory) != 0 || fclose(memory) != 0) {
        perror(path);
        return EXIT_FAILURE;
    }
    while ((c = fgetc(file)) != EOF && i < len && (char)c == wanted[i])
        i++;
    fclose(file);
    free(wanted);
    if (c == EOF && i == len)
        return EXIT_SUCCESS;
    fprintf(stderr, "%s is not current (differs at byte %zu); make it anew with write_schema\n",
            path, i);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--check") == 0)
        return check(argv[2]);
    return json_write_schema(stdout) == 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

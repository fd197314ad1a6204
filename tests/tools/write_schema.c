/*
 * write_schema: docs/report.schema.json and docs/fleet.schema.json from the tables.
 *
 *   write_schema report > docs/report.schema.json   make it anew
 *   write_schema report --check FILE                exit 1 when FILE is not what the tables say
 */
#include "diag/base/buf.h"
#include "reports/fleet_json.h"
#include "reports/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check(int (*write)(FILE *), const char *path)
{
    char *wanted = NULL;
    size_t len = 0, i = 0;
    FILE *memory = open_memstream(&wanted, &len), *file = fopen(path, "r");
    int c = EOF;

    if (memory == NULL || file == NULL || write(memory) != 0 || fclose(memory) != 0) {
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
    int (*write)(FILE *) =
        argc > 1 && strcmp(argv[1], "fleet") == 0 ? fleet_write_schema : json_write_schema;

    if (argc == 4 && strcmp(argv[2], "--check") == 0)
        return check(write, argv[3]);
    return write(stdout) == 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

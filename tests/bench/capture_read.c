/* capture_read: wire_read and nothing else, for the benchmark of offline reading. */
#include "capture/wire.h"
#include "diag/base/fault.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct wire_file *file;
    struct fault f;

    if (argc != 2 || wire_read(argv[1], NULL, &file, &f) != 0) {
        fprintf(stderr, "capture_read: %s\n", argc == 2 ? f.text : "one capture");
        return 2;
    }
    printf("%llu packets, %zu flows\n", (unsigned long long)file->packets, file->n_flows);
    wire_file_free(file);
    return 0;
}

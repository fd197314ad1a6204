/* print_facts: what wire_read finds in a capture, one line each. */
#include "capture/wire.h"
#include "diag/base/fault.h"
#include "tests/wire/story.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct wire_file *file;
    struct fault f;
    struct buf out;

    if (argc != 2 || wire_read(argv[1], NULL, &file, &f) != 0) {
        fprintf(stderr, "print_facts: %s\n", argc == 2 ? f.text : "one capture");
        return 2;
    }
    buf_init(&out, 1 << 30);
    facts_print(file, &out);
    fputs(buf_text(&out), stdout);
    buf_free(&out);
    wire_file_free(file);
    return 0;
}

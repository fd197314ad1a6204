/*
 * fuzz: what the fuzz targets share. A target is one file fuzz_NAME.c with LLVMFuzzerTestOneInput;
 * its seeds stand in corpus/NAME. With clang and HOPPROOF_FUZZ it becomes the fuzzer fuzz_NAME;
 * always it becomes the test fuzz-NAME, which replays the seeds.
 */
#ifndef HOPPROOF_TESTS_FUZZ_FUZZ_H
#define HOPPROOF_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must be true of every input; also without assert. */
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A place to split the input at, drawn from the input itself: the same in every run. */
static inline size_t split_of(const uint8_t *data, size_t size)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * 16777619u;
    return size == 0 ? 0 : h % (size + 1);
}

#endif
